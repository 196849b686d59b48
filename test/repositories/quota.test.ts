import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { storedResponses } from "../../src/data/store/http-cache.ts";
import { runForClient, servedNetwork } from "../../src/network/client-context.ts";
import type { Address } from "../../src/repo.ts";
import { type GithubOptions, githubRepositories } from "../../src/repositories/github/index.ts";
import { fakeGitHub } from "../fakes/github/github.ts";

const repo = (name: string, more: Partial<Address> = {}): Address => {
  const [owner = "", repo = ""] = name.split("/");
  return { host: "github.com", owner, repo, path: "", ...more };
};

let time = Date.UTC(2026, 10, 22, 12);
const now = () => time;
let fake: Awaited<ReturnType<typeof fakeGitHub>>;
let db: ReturnType<typeof openDb>;

beforeEach(async () => {
  time = Date.UTC(2026, 10, 22, 12);
  db = openDb(":memory:");
  fake = await fakeGitHub({ repos: { "acme/shop": { files: { Procfile: "web: x" } } }, now });
});
afterEach(() => fake.close());

const connect = (more: Partial<GithubOptions> = {}) =>
  githubRepositories({
    apiUrl: fake.url,
    token: "good-token",
    fetch,
    cache: storedResponses(db, now),
    now,
    clientNetwork: servedNetwork,
    ...more,
  });
const from = <T>(remoteAddress: string, handle: () => T): T =>
  runForClient({ headers: {}, socket: { remoteAddress } }, handle);

describe("the budget of one network", () => {
  test("ends an attack with made-up names; other networks, cached pages and this machine go on", async () => {
    const source = connect();
    await from("198.51.100.7", () => source.open(repo("acme/shop")));
    const results = [];
    for (let n = 0; n < 400; n++) results.push(await from("203.0.113.9", () => source.open(repo(`made-up/r${n}`))));
    expect(fake.asked.length).toBeLessThanOrEqual(310);
    expect(results.at(-1)).toMatchObject({
      ok: false,
      trouble: { kind: "limited", retryAt: new Date(time + 3_600_000) },
    });
    time += 31_000;
    expect(await from("203.0.113.9", () => source.open(repo("acme/shop")))).toMatchObject({ ok: true });
    fake.add("acme/other", { files: { Procfile: "web: x" } });
    fake.add("acme/third", { files: { Procfile: "web: x" } });
    expect(await from("198.51.100.7", () => source.open(repo("acme/other")))).toMatchObject({ ok: true });
    expect(await from("127.0.0.1", () => source.open(repo("acme/third")))).toMatchObject({ ok: true });
    time += 3_600_000;
    fake.add("acme/fourth", { files: { Procfile: "web: x" } });
    expect(await from("203.0.113.9", () => source.open(repo("acme/fourth")))).toMatchObject({ ok: true });
  });

  test("is one budget for a whole IPv6 network, and for the client behind a proxy", async () => {
    const source = connect({ token: undefined as never });
    for (let n = 0; n < 40; n++) await from(`2001:db8:1:2::${n}`, () => source.open(repo(`made-up/r${n}`)));
    expect(fake.asked.length).toBe(30);
    for (let n = 0; n < 10; n++)
      await runForClient(
        { headers: { "x-forwarded-for": "2001:db8:1:2::99" }, socket: { remoteAddress: "127.0.0.1" } },
        () => source.open(repo(`made-up/s${n}`)),
      );
    expect(fake.asked.length).toBe(30);
  });
});

test("the last fifth of GitHub's limit is for repositories that were deployable before", async () => {
  fake.add("acme/known", { files: { Procfile: "web: x" } });
  fake.setUsed(4100, "good-token");
  const source = connect({ isKnown: (owner, name) => `${owner}/${name}` === "acme/known" });
  // The first response tells how much is left.
  await source.open(repo("made-up/first"));
  expect(await source.open(repo("acme/shop"))).toMatchObject({ ok: false, trouble: { kind: "limited" } });
  expect(await source.open(repo("acme/known"))).toMatchObject({ ok: true });
});

test("no more than eight requests are sent at once", async () => {
  let running = 0;
  let most = 0;
  const counting: typeof fetch = async (input, init) => {
    most = Math.max(most, ++running);
    try {
      return await fetch(input, init);
    } finally {
      running--;
    }
  };
  const source = connect({ fetch: counting });
  await Promise.all(Array.from({ length: 60 }, (_, n) => source.open(repo(`made-up/r${n}`))));
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(1);
});

test("a commit of a fork costs a handful of requests, however many tags the repository has", async () => {
  const tags = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`v${n}`, { a: `${n}` }]));
  fake.add("acme/tags", { files: { a: "a" }, tags, pulls: { 7: { a: "stranger" } } });
  for (const tag of Object.keys(tags)) fake.annotate("acme/tags", tag);
  const fork = fake.commit("acme/tags", "refs/pull/7/head");
  expect(await connect().open(repo("acme/tags", { ref: fork }))).toMatchObject({
    ok: false,
    trouble: { kind: "no-ref" },
  });
  expect(fake.asked.length).toBeLessThanOrEqual(8);
});

test("a repository that does not exist is asked for once, whatever ref or path comes with it", async () => {
  const source = connect();
  for (let n = 0; n < 30; n++) {
    await source.open(repo("made-up/r", { ref: `branch-${n}` }));
    await source.open(repo("made-up/r", { path: `folder-${n}` }));
  }
  expect(fake.asked).toHaveLength(1);
  fake.add("made-up/r", { files: { Procfile: "web: x" } });
  time += 31_000;
  expect(await source.open(repo("made-up/r"))).toMatchObject({ ok: true });
});
