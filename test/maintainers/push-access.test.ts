import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { createMaintainers } from "../../src/maintainers/push-access.ts";
import { createSessions } from "../../src/maintainers/sessions.ts";
import type { Address } from "../../src/repo.ts";
import { fakeGitHub } from "../fakes/github/github.ts";

const start = Date.parse("2026-11-22T12:00:00Z");
let time = start;
let github: Awaited<ReturnType<typeof fakeGitHub>>;

beforeAll(async () => {
  github = await fakeGitHub({
    repos: { "Octo/app": { files: { Procfile: "web: x" } }, "Octo/secret": { files: {}, private: true } },
    users: { ada: { id: 7, push: ["Octo/app", "Octo/secret"] }, bob: { id: 8 } },
    now: () => time,
  });
});
afterAll(() => github.close());

const address = (name: string): Address => {
  const [owner = "", repo = ""] = name.split("/");
  return { host: "github.com", owner, repo, path: "" };
};

function asked() {
  const now = () => new Date(time);
  const known = createSessions({ db: openDb(":memory:"), seal: createSeal("x".repeat(32)), now, random: randomBytes });
  const { hasPushAccess: maintains, currentLogin: loginOf } = createMaintainers({
    sessions: known,
    apiUrl: github.url,
    fetch,
    now: () => time,
  });
  const signIn = (login: string, user: number) =>
    known.begin({ user, login, token: github.tokenFor(login), scope: "" });
  return { known, maintains, loginOf, signIn };
}

test("a maintainer is a user who may push, whatever the capitalisation", async () => {
  const { maintains, signIn } = asked();
  const [ada, bob] = [signIn("ada", 7), signIn("bob", 8)];
  expect(await maintains(ada.session, address("Octo/app"))).toBe(true);
  expect(await maintains(ada.session, address("octo/APP"))).toBe(true);
  expect(await maintains(bob.session, address("Octo/app"))).toBe(false);
});

test("a private repository counts as missing, even for its maintainers", async () => {
  const { known, maintains, signIn } = asked();
  expect(await maintains(signIn("ada", 7).session, address("Octo/secret"))).toMatchObject({ kind: "missing" });
  const repoScope = known.begin({
    user: 7,
    login: "ada",
    token: github.tokenFor("ada", "repo"),
    scope: "repo",
  });
  expect(await maintains(repoScope.session, address("Octo/secret"))).toMatchObject({ kind: "missing" });
});

test("push access is checked once an hour, so a lost right takes effect by then", async () => {
  const { maintains, signIn } = asked();
  const { session } = signIn("ada", 7);
  const before = github.asked.length;
  await Promise.all([maintains(session, address("Octo/app")), maintains(session, address("Octo/app"))]);
  github.person("ada", { id: 7, push: [] });
  time += 3_599_000;
  expect(await maintains(session, address("Octo/app"))).toBe(true);
  expect(github.asked.length).toBe(before + 1);
  time += 1_000;
  expect(await maintains(session, address("Octo/app"))).toBe(false);
  github.person("ada", { id: 7, push: ["Octo/app"] });
  time += 60_000;
  expect(await maintains(session, address("Octo/app"))).toBe(true);
});

test("the cache is per session and cleared at sign-out", async () => {
  const { known, maintains, signIn } = asked();
  const first = signIn("ada", 7);
  await maintains(first.session, address("Octo/app"));
  known.end(first.session.id);
  github.person("ada", { id: 7, push: [] });
  expect(await maintains(signIn("ada", 7).session, address("Octo/app"))).toBe(false);
  github.person("ada", { id: 7, push: ["Octo/app"] });
});

test("a revoked token ends the session", async () => {
  const { known, maintains, signIn } = asked();
  const { secret, session } = signIn("ada", 7);
  github.revoke("ada");
  expect(await maintains(session, address("Octo/app"))).toBe(false);
  expect(known.find(secret)).toBeNull();
});

test("while GitHub does not answer no one new is let in, and the error is not cached", async () => {
  const { maintains, signIn } = asked();
  const { session } = signIn("ada", 7);
  github.misbehave(() => new Response("oh", { status: 502 }));
  expect(await maintains(session, address("Octo/app"))).toMatchObject({ kind: "unreachable" });
  github.misbehave(() => Response.json({ full_name: 1 }));
  expect(await maintains(session, address("Octo/app"))).toMatchObject({ kind: "unreachable" });
  github.misbehave();
  expect(await maintains(session, address("Octo/app"))).toBe(true);
});

test("the old name of a repository grants nothing, since others may claim it", async () => {
  const { maintains, signIn } = asked();
  const { session } = signIn("ada", 7);
  github.add("Octo/old", { files: {} });
  github.rename("Octo/old", "Octo/new");
  expect(await maintains(session, address("Octo/old"))).toMatchObject({ kind: "moved", to: { repo: "new" } });
});

test("the login is the account's current one; another account's yields null", async () => {
  const { loginOf, known, signIn } = asked();
  const { session } = signIn("bob", 8);
  expect(await loginOf(session)).toBe("bob");
  github.renamePerson("bob", "robert");
  time += 3_600_000;
  expect(await loginOf(session)).toBe("robert");
  const stolen = known.begin({ user: 9, login: "eve", token: github.tokenFor("robert"), scope: "" });
  expect(await loginOf(stolen.session)).toBeNull();
});
