import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { addCommit, bytesOf, type Files, filesOf } from "./git.ts";
import {
  type Answer,
  createRepository,
  DOCS,
  json,
  type Pull,
  type Repo,
  refuse,
  resolve,
  respondAbout,
  type Seed,
  tarballOf,
  unknown,
} from "./repositories.ts";
import { type Client, createUsers, type Person } from "./users.ts";
import { change } from "./writes.ts";

export type { Seed } from "./repositories.ts";

// A strict api.github.com for the questions Slipway asks. Whatever it does not know it answers with 501, so that a
// test which asks something else fails, and does not pass by luck.

export interface Asked {
  path: string;
  status: number;
  authorization: string | null;
}
type Misbehave = (request: Request) => Response | Promise<Response> | undefined;
interface Options {
  repos?: Record<string, Seed>;
  now?: () => number;
  anonymousLimit?: number;
  /** People by login, and the OAuth app that they can sign in with. */
  users?: Record<string, Person>;
  client?: Client;
}

const TOKENS: Record<string, number> = { "good-token": 5000, "owner-token": 5000 };

/** Starts it on a port of its own. `url` is for GITHUB_API_URL; `good-token` sees what is public, `owner-token` everything. */
export async function fakeGitHub({
  repos = {},
  now = Date.now,
  anonymousLimit = 60,
  users = {},
  client,
}: Options = {}) {
  const folk = createUsers(users, client, now);
  const known = new Map<string, Repo>();
  const renamed = new Map<string, string>();
  const used = new Map<string, number>();
  const asked: Asked[] = [];
  let misbehave: Misbehave | undefined;
  const find = (name: string) => known.get(name.toLowerCase());
  const byId = (id: string) => [...known.values()].find((repo) => `${repo.id}` === id);
  const must = (name: string): Repo => {
    const repo = find(name);
    if (!repo) throw new Error(`no repository ${name} in the fake`);
    return repo;
  };
  const add = (name: string, seed: Seed) =>
    void known.set(name.toLowerCase(), createRepository(1000 + known.size, name, seed));
  for (const [name, seed] of Object.entries(repos)) add(name, seed);

  const app = new Hono();
  app.use(async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    await next();
    const authorization = c.req.header("authorization") ?? null;
    asked.push({ path: pathname + search, status: c.res.status, authorization });
  });
  app.get("/codeload/:id/:top/:sha", (c) => {
    if (c.req.header("authorization")) return c.text("a token for api.github.com came along", 501);
    const { id, top, sha } = c.req.param();
    return send(tarballOf(byId(id), top, sha));
  });
  app.route("/", folk.routes);
  app.get("*", async (c) => (await misbehave?.(c.req.raw)) ?? answer(c));
  app.post("*", async (c) => {
    const sent = (await c.req.json()) as Record<string, unknown>;
    return (await misbehave?.(c.req.raw)) ?? answer(c, sent);
  });

  function answer(c: Context, sent?: Record<string, unknown>): Response {
    if (!c.req.header("user-agent")) return c.text("Request forbidden by administrative rules.", 403);
    const token = c.req.header("authorization")?.replace(/^(?:token|bearer) /i, "");
    const isPerson = token !== undefined && folk.isOurs(token);
    const limit = token === undefined ? anonymousLimit : isPerson ? 5000 : TOKENS[token];
    if (limit === undefined) return send(refuse(401, "Bad credentials"));
    if (c.req.header("x-github-api-version") !== "2022-11-28") return send(unknown("this version of the API"));

    const who = token ?? "anonymous";
    const count = used.get(who) ?? 0;
    if (count >= limit) return send(refuse(403, "API rate limit exceeded for 127.0.0.1."), limits(limit, 0));
    const url = new URL(c.req.url);
    if (sent) {
      used.set(who, count + 1);
      return send(changed(url, sent, token), limits(limit, limit - count - 1));
    }
    const found = answerTo(url, c.req.header("accept") ?? "*/*", token);
    const etag = found.etag ?? `W/"${createHash("sha256").update(found.body).update(who).digest("hex")}"`;
    const unchanged = found.status === 200 && c.req.header("if-none-match") === etag;
    // An unchanged answer is free only for those who say who they are:
    // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    const cost = unchanged && token !== undefined ? 0 : 1;
    used.set(who, count + cost);
    const headers = { ...limits(limit, limit - count - cost), ...(found.status === 200 ? { etag } : {}) };
    return unchanged ? c.body(null, 304, headers) : send(found, headers);
  }

  const send = ({ status, type, body, headers }: Answer, more = {}) =>
    new Response(body, { status, headers: { "content-type": type, ...more, ...headers } });

  const limits = (limit: number, remaining: number) => ({
    "x-ratelimit-limit": `${limit}`,
    "x-ratelimit-remaining": `${remaining}`,
    "x-ratelimit-reset": `${Math.floor(now() / 1000) + 1800}`,
    "x-ratelimit-resource": "core",
  });

  function answerTo(url: URL, accept: string, token: string | undefined): Answer {
    if (url.pathname === "/user" && token) return folk.user(token);
    const [kind, ...parts] = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (kind !== "repos" && kind !== "repositories") return unknown(url.pathname);
    const name = parts.splice(0, kind === "repos" ? 2 : 1).join("/");
    const repo = kind === "repos" ? find(name) : byId(name);
    const newName = renamed.get(name.toLowerCase());
    if (!repo && newName) {
      const rest = parts.map((part) => `/${encodeURIComponent(part)}`).join("");
      const to = `${url.origin}/repositories/${must(newName).id}${rest}${url.search}`;
      return json({ message: "Moved Permanently", url: to, documentation_url: DOCS }, 301, { location: to });
    }
    if (!repo) return refuse(404, "Not Found");
    const rest = parts.join("/");
    if (token !== undefined && folk.isOurs(token)) {
      const permissions = folk.permissions(token, repo.fullName, repo.private ?? false);
      if (permissions === null) return refuse(404, "Not Found");
      const found = respondAbout(repo, rest, url, accept);
      if (rest !== "" || found.status !== 200) return found;
      return json({ ...(JSON.parse(String(found.body)) as object), permissions });
    }
    if (repo.private && token !== "owner-token") return refuse(404, "Not Found");
    return respondAbout(repo, rest, url, accept);
  }

  function changed({ pathname }: URL, sent: Record<string, unknown>, token = ""): Answer {
    const [kind, owner, name, ...rest] = pathname.split("/").slice(1).map(decodeURIComponent);
    const repo = kind === "repos" ? find(`${owner}/${name}`) : undefined;
    const person = folk.whose(token);
    if (!person || !repo) return refuse(404, "Not Found");
    const permissions = folk.permissions(token, repo.fullName, repo.private ?? false);
    if (permissions === null) return refuse(404, "Not Found");
    return change(repo, rest.join("/"), sent, { ...person, push: permissions.push });
  }

  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every request, oldest first. */
    asked,
    /** How many requests counted against the limit of that token, or of those without one. */
    used: (who = "anonymous") => used.get(who) ?? 0,
    setUsed: (count: number, who = "anonymous") => void used.set(who, count),
    add,
    ...folk,
    remove: (name: string) => void known.delete(name.toLowerCase()),
    change: (name: string, seed: Omit<Seed, "files" | "branches" | "tags" | "pulls">) =>
      void Object.assign(must(name), seed),
    /** The pull requests of a repository, oldest first. */
    pulls: (name: string): Pull[] => must(name).opened,
    /** Its branches with the commit that each is at. */
    branches: (name: string) =>
      new Map([...must(name).refs].map(([ref, sha]) => [ref.replace(/^refs\/heads\//, ""), sha])),
    /** The text of a file at a ref; undefined where there is none. */
    read(name: string, file: string, ref = "HEAD"): string | undefined {
      const repo = must(name);
      const content = filesOf(repo.objects, resolve(repo, ref)?.tree ?? "")[file];
      return content === undefined ? undefined : Buffer.from(bytesOf(content)).toString("utf8");
    },
    /** The commit a ref is at. */
    commit(name: string, ref = "HEAD"): string {
      const commit = resolve(must(name), ref);
      if (!commit) throw new Error(`no ${ref} in ${name}`);
      return commit.sha;
    },
    /** A new commit on a branch, with these files and no others. */
    push(name: string, files: Files, branch = "main"): string {
      const { objects, refs } = must(name);
      const { sha } = addCommit(objects, files, [refs.get(`refs/heads/${branch}`) ?? []].flat());
      refs.set(`refs/heads/${branch}`, sha);
      return sha;
    },
    /** Makes a tag one with a message, an object of its own. */
    annotate: (name: string, tag: string) => void must(name).annotated.add(`refs/tags/${tag}`),
    rename(from: string, to: string): void {
      const repo = must(from);
      known.delete(from.toLowerCase());
      known.set(to.toLowerCase(), Object.assign(repo, { fullName: to }));
      renamed.set(from.toLowerCase(), to);
    },
    /** Asked before every answer: what it gives is sent instead. Called with nothing, all is well again. */
    misbehave(how?: Misbehave): void {
      misbehave = how;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** What GitHub says when it is asked too often in too short a time. */
export const secondaryLimit = (status: 403 | 429, headers: Record<string, string> = { "retry-after": "60" }) =>
  Response.json(
    {
      message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
      documentation_url: `${DOCS}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits`,
    },
    { status, headers: { "x-ratelimit-remaining": "4000", ...headers } },
  );
