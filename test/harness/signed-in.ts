import type { AppContext } from "../../routes/app-context.ts";
import { openDb } from "../../src/data/db.ts";
import { storedResponses } from "../../src/data/store/http-cache.ts";
import { githubRepositories } from "../../src/repositories/github/index.ts";
import { fakeGitHub } from "../fakes/github/github.ts";
import { createTestApp, origin } from "./test-app.ts";

type Fake = NonNullable<Parameters<typeof fakeGitHub>[0]>;

export const client = { id: "slipway", secret: "not told to anybody", redirectUri: `${origin}/sign-in/callback` };

interface Given extends Pick<Fake, "repos" | "users"> {
  local?: Record<string, Record<string, string>>;
  operators?: string[];
  config?: Partial<AppContext["config"]>;
}

/** Slipway in this process beside a GitHub of our own, on a clock of the test's, with browsers for people to use. */
export async function createTestAppWithGitHub({
  repos = {},
  users = {},
  local = {},
  operators = [],
  config = {},
}: Given) {
  let time = Date.parse("2026-11-22T12:00:00Z");
  const now = () => time;
  const fake = await fakeGitHub({ repos, users, client, now });
  const options = { apiUrl: fake.url, token: "good-token", oauthUrl: fake.url, client };
  const hosts = githubRepositories({ ...options, fetch, now, cache: storedResponses(openDb(":memory:"), now) });
  const here = createTestApp({
    github: hosts,
    repos: local,
    now: () => new Date(time),
    config: { github: options, operators, localCloud: false, ...config },
  });

  /** A browser with its cookies. */
  function browser() {
    const cookies = new Map<string, string>();
    async function ask(path: string, init: RequestInit = {}) {
      const headers = new Headers(init.headers);
      if (cookies.size > 0) headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      const url = path.startsWith("/") ? origin + path : path;
      const answer = await here.app.request(url, { ...init, headers });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/Max-Age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return answer;
    }
    const get = (path: string, headers: Record<string, string> = { accept: "text/html" }) => ask(path, { headers });
    return {
      cookies,
      get,
      getJson: (path: string) => get(path, { accept: "application/json" }),
      post: (path: string, fields: Record<string, string> | [string, string][] = {}, headers: object = {}) =>
        ask(path, {
          method: "POST",
          body: new URLSearchParams(fields).toString(),
          headers: { "content-type": "application/x-www-form-urlencoded", accept: "text/html", origin, ...headers },
        }),
      /** To GitHub and back to our callback, which answers. */
      async signIn(login: string | undefined, query = "") {
        fake.signInAs(login);
        const away = await ask(`/sign-in${query}`);
        const consent = await fetch(away.headers.get("location") ?? "", { redirect: "manual" });
        return ask(consent.headers.get("location") ?? "");
      },
    };
  }

  return {
    ...here,
    fake,
    browser,
    pass: (ms: number) => {
      time += ms;
    },
    close: () => fake.close(),
  };
}
