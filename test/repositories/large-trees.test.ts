import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { storedResponses } from "../../src/data/store/http-cache.ts";
import type { Address } from "../../src/repo.ts";
import { resolveFolder } from "../../src/repositories/files.ts";
import { githubRepositories } from "../../src/repositories/github/index.ts";
import { fakeGitHub } from "../fakes/github/github.ts";

const now = () => Date.UTC(2026, 10, 22, 12);
let fake: Awaited<ReturnType<typeof fakeGitHub>>;
let folder: string;
beforeEach(async () => {
  fake = await fakeGitHub({ now });
  folder = mkdtempSync(join(tmpdir(), "slipway-large-"));
});
afterEach(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

const address = (repo: string, path = ""): Address => ({ host: "github.com", owner: "acme", repo, path });
const manyFiles = (count: number) =>
  Object.fromEntries([
    ...Array.from({ length: count }, (_, n) => [`src/deep/down/folder${n % 100}/a-long-name-of-a-file-${n}.ts`, "x"]),
    ["Procfile", "web: x"],
    ["apps/web/Procfile", "web: y"],
    ["apps/web/deep/er/and/deeper/file.txt", "z"],
  ]);

function connect(db = openDb(":memory:"), fetchFn = fetch) {
  return githubRepositories({
    apiUrl: fake.url,
    token: "good-token",
    fetch: fetchFn,
    cache: storedResponses(db, now),
    now,
  });
}

test("of a large tree the files nearest to the root are kept, and a folder is read on its own", {
  timeout: 60_000,
}, async () => {
  fake.add("acme/large", { files: manyFiles(30_000) });
  const db = openDb(":memory:");
  const source = connect(db);
  const root = await source.open(address("large"));
  if (!root.ok) throw new Error(root.trouble.note.message);
  expect(root.snapshot.files).toContain("Procfile");
  expect(root.snapshot.files.length).toBeLessThanOrEqual(20_000);
  expect(await root.snapshot.read("Procfile")).toBe("web: x");
  const stored = db.$client.prepare("select max(octet_length(body)) from responses").pluck().get();
  expect(stored).toBeLessThan(5_000_000);

  const web = await source.open(address("large", "apps/web"));
  if (!web.ok) throw new Error(web.trouble.note.message);
  expect(web.snapshot.files.toSorted()).toEqual(["Procfile", "deep/er/and/deeper/file.txt"]);
});

test("large responses are read one at a time, small ones beside them", { timeout: 60_000 }, async () => {
  for (let n = 0; n < 6; n++) fake.add(`acme/r${n}`, { files: { Procfile: "web: x" } });
  let trees = 0;
  let most = 0;
  const counting: typeof fetch = async (input, init) => {
    const isTree = String(input).includes("/git/trees/");
    if (isTree) most = Math.max(most, ++trees);
    try {
      const response = await fetch(input, init);
      return new Response(await response.arrayBuffer(), response);
    } finally {
      if (isTree) trees--;
    }
  };
  const source = connect(openDb(":memory:"), counting);
  const results = await Promise.all(Array.from({ length: 6 }, (_, n) => source.open(address(`r${n}`))));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(most).toBe(1);
});

describe("the cache of responses", () => {
  const body = JSON.stringify("x".repeat(1_000_000));
  const response = (url: string, at: number) => ({ url, etag: "", status: 200, body, at: new Date(at) });

  test("has a budget for each repository: its oldest responses go, others stay", () => {
    const db = openDb(":memory:");
    const cache = storedResponses(db, now);
    cache.set(response("https://api.github.com/repos/acme/other/git/trees/0", now()));
    cache.set(response("https://api.github.com/repos/acme/shop2/git/trees/0", now()));
    for (let n = 0; n < 60; n++)
      cache.set(response(`https://api.github.com/repos/acme/shop/git/trees/${n}`, now() + n));
    const urls = db.$client.prepare("select url from responses order by at").pluck().all() as string[];
    const shop = urls.filter((url) => url.includes("/acme/shop/"));
    expect(shop.length).toBeLessThanOrEqual(20);
    expect(shop.at(-1)).toMatch(/\/59$/);
    expect(urls.length - shop.length).toBe(2);
  });

  test("gives the disk back what it deletes", () => {
    const file = join(folder, "slipway.db");
    const db = openDb(file);
    const cache = storedResponses(db, now);
    for (let n = 0; n < 60; n++) cache.set(response(`https://api.github.com/repos/acme/r${n}/git/trees/x`, now() + n));
    db.$client.pragma("wal_checkpoint(TRUNCATE)");
    expect(statSync(file).size).toBeGreaterThan(50_000_000);
    db.run("delete from responses");
    for (let n = 0; n < 30; n++) cache.set({ ...response("https://api.github.com/x", now()), body: '""' });
    for (let n = 0; n < 3; n++) db.$client.pragma("incremental_vacuum(10000)");
    db.$client.pragma("wal_checkpoint(TRUNCATE)");
    expect(statSync(file).size).toBeLessThan(5_000_000);
    db.$client.close();
  });

  test("shrinks a database from before, too, and keeps its rows", () => {
    const file = join(folder, "old.db");
    openDb(file).$client.close();
    const old = new Sqlite(file);
    old.pragma("journal_mode = DELETE");
    old.pragma("auto_vacuum = 0");
    old.exec("VACUUM");
    old.exec("insert into responses values ('u', 'e', 200, 'b', 1)");
    old.close();
    const db = openDb(file);
    expect(db.$client.pragma("auto_vacuum", { simple: true })).toBe(2);
    expect(db.$client.prepare("select body from responses").pluck().all()).toEqual(["b"]);
    db.$client.close();
  });
});

describe("a path that is not there", () => {
  test("costs little, however long it and the names beside it are", { timeout: 2_000 }, () => {
    const long = Array.from({ length: 1000 }, (_, n) => `apps/${"n".repeat(4000)}${n}/a.ts`);
    for (const path of ["n".repeat(5000), `apps/${"n".repeat(1000)}`, "a/".repeat(7500), `apps/${"n".repeat(290)}`])
      expect(resolveFolder(long, path)).toMatchObject({ kind: "no-path" });
    const wide = Array.from({ length: 100_000 }, (_, n) => `apps/web-${n}/a.ts`);
    expect(resolveFolder(wide, "apps/wbe-1")).toMatchObject({ kind: "no-path" });
  });

  test("is still met with similar names", () => {
    const found = resolveFolder(["apps/web/a.ts", "apps/api/a.ts", "old/wbe/x"], "apps/wbe");
    expect(found).toMatchObject({ note: { fix: "Perhaps it is “old/wbe”, or “apps/web”." } });
  });
});
