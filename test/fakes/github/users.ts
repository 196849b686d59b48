import { createHash, randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { type Answer, json, refuse } from "./repositories.ts";

// People of the fake GitHub: an OAuth app they can sign in with, the tokens it gets, and what they may do where.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps

export interface Person {
  id: number;
  /** Repositories, by full name, that they may push to; those they may only read. */
  push?: string[];
  read?: string[];
}
export interface Client {
  id: string;
  secret: string;
  redirectUri: string;
}
interface Code {
  login: string;
  redirectUri: string;
  challenge: string;
  scope: string;
  until: number;
}

const DOCS = "https://docs.github.com/apps/troubleshooting-authorization-request-errors";
const scopes = new Set(["", "public_repo", "repo", "read:user"]);

export function createUsers(given: Record<string, Person>, client: Client | undefined, now: () => number) {
  const known = new Map(Object.entries(given));
  const codes = new Map<string, Code>();
  const tokens = new Map<string, { login: string; scope: string }>();
  let inBrowser: string | undefined;

  /** GitHub answers a refusal with 200. */
  const refusal = (error: string, description: string) =>
    json({ error, error_description: description, error_uri: `${DOCS}/#${error}` });

  async function accessToken(c: Context): Promise<Answer> {
    const form = new URLSearchParams(await c.req.text());
    if (form.get("client_id") !== client?.id || form.get("client_secret") !== client?.secret)
      return refusal("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!code || now() > code.until || verifier !== code.challenge)
      return refusal("bad_verification_code", "The code passed is incorrect or expired.");
    if (form.get("redirect_uri") !== code.redirectUri)
      return refusal("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL.");
    const token = `gho_${randomBytes(18).toString("hex")}`;
    tokens.set(token, { login: code.login, scope: code.scope });
    return json({ access_token: token, scope: code.scope, token_type: "bearer" });
  }

  const routes = new Hono()
    .get("/login/oauth/authorize", (c) => {
      const asked = c.req.query();
      if (!client || asked.client_id !== client.id) return c.text("no such client", 404);
      if (asked.redirect_uri !== client.redirectUri) return c.text("not the registered redirect_uri", 400);
      if (!asked.state || asked.code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(asked.code_challenge ?? ""))
        return c.text("no state, or no PKCE", 400);
      const scope = asked.scope ?? "";
      if (!scopes.has(scope)) return c.text(`the fake does not know the scope ${scope}`, 501);
      const back = new URL(client.redirectUri);
      back.searchParams.set("state", asked.state);
      if (inBrowser === undefined) {
        back.searchParams.set("error", "access_denied");
        back.searchParams.set("error_description", "The user has denied your application access.");
        return c.redirect(back.href);
      }
      const code = randomBytes(10).toString("hex");
      const { redirect_uri: redirectUri, code_challenge: challenge = "" } = asked;
      codes.set(code, { login: inBrowser, redirectUri, challenge, scope, until: now() + 600_000 });
      back.searchParams.set("code", code);
      return c.redirect(back.href);
    })
    .delete("/applications/:id/token", async (c) => {
      const basic = Buffer.from(`${client?.id}:${client?.secret}`).toString("base64");
      if (c.req.param("id") !== client?.id || c.req.header("authorization") !== `Basic ${basic}`)
        return c.json({ message: "Not Found" }, 404);
      const { access_token } = (await c.req.json()) as { access_token: string };
      return tokens.delete(access_token) ? c.body(null, 204) : c.json({ message: "Not Found" }, 404);
    })
    .post("/login/oauth/access_token", async (c) => {
      if (!(c.req.header("accept") ?? "").includes("application/json")) return c.text("asks for no JSON", 501);
      const { status, type, body } = await accessToken(c);
      return new Response(body, { status, headers: { "content-type": type } });
    });

  return {
    routes,
    /** How many tokens somebody's sign-ins have left with others. */
    tokensOf: (login: string) => [...tokens.values()].filter((one) => one.login === login).length,
    isOurs: (token: string) => tokens.has(token),
    /** The account of a token. */
    user(token: string): Answer {
      const found = tokens.get(token);
      const person = found && known.get(found.login);
      return found && person
        ? json({ id: person.id, login: found.login, type: "User" })
        : refuse(401, "Bad credentials");
    },
    /** What a token may do in a repository; null: it may not see a private one. */
    permissions(token: string, repo: string, isPrivate: boolean) {
      const { login, scope } = tokens.get(token) ?? { login: "", scope: "" };
      const { push = [], read = [] } = known.get(login) ?? {};
      const may = push.includes(repo);
      if (isPrivate && !(scope === "repo" && (may || read.includes(repo)))) return null;
      return { admin: false, maintain: false, push: may, triage: may, pull: true };
    },
    /** Whose a token is, and what it may do. */
    whose: (token: string) => tokens.get(token),
    /** Who sits in front of the browser that GitHub asks; nobody: they say no. */
    signInAs: (login?: string) => {
      inBrowser = login;
    },
    /** A token as if they had signed in. */
    tokenFor(login: string, scope = ""): string {
      const token = `gho_${randomBytes(18).toString("hex")}`;
      tokens.set(token, { login, scope });
      return token;
    },
    /** They take back what they allowed: every token of theirs is void. */
    revoke(login: string): void {
      for (const [token, of] of tokens) if (of.login === login) tokens.delete(token);
    },
    person: (login: string, person: Person) => void known.set(login, person),
    renamePerson(from: string, to: string): void {
      const person = known.get(from);
      if (!person) throw new Error(`nobody is called ${from}`);
      known.delete(from);
      known.set(to, person);
      for (const one of tokens.values()) if (one.login === from) one.login = to;
    },
  };
}
