import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { openDb } from "../../src/data/db.ts";
import { storedResponses } from "../../src/data/store/http-cache.ts";
import type { Address, RepositoryProblem } from "../../src/repo.ts";
import { type GithubOptions, githubRepositories } from "../../src/repositories/github/index.ts";
import { fakeGitHub, type Seed, secondaryLimit } from "../fakes/github/github.ts";

let time: number;
let db: ReturnType<typeof openDb>;
let fake: Awaited<ReturnType<typeof fakeGitHub>>;
const now = () => time;
const START = Date.UTC(2026, 10, 22, 12, 0, 0);

const shop: Seed = {
  description: "Sells things",
  files: { "app.json": '{"name":"shop"}', "web/Procfile": "web: x", "web/src/a.js": "a", "docs/api/index.md": "#" },
  branches: { next: { "app.json": "next" }, "feature/cart/v2": { "app.json": "cart" } },
  tags: { "v1.0": { "app.json": "1.0" }, "web/v2": { "app.json": "web2" } },
  pulls: { 7: { "app.json": "stranger" } },
};
const at = (more: Partial<Address> = {}): Address => ({
  host: "github.com",
  owner: "acme",
  repo: "shop",
  path: "",
  ...more,
});

/** Slipway's side, as after a fresh start: nothing in memory, but the same database. */
const started = (more: Partial<GithubOptions> = {}) =>
  githubRepositories({
    apiUrl: fake.url,
    token: "good-token",
    fetch,
    cache: storedResponses(db, now),
    now,
    ...more,
  });

async function opened(address: Address, source = started()) {
  const found = await source.open(address);
  if (!found.ok) throw new Error(`${found.trouble.kind}: ${found.trouble.note.message}`);
  return found.snapshot;
}
async function problemOf(address: Address, source = started()): Promise<RepositoryProblem> {
  const found = await source.open(address);
  if (found.ok) throw new Error("opened");
  expect(found.trouble.note.message).toMatch(/\.$/);
  expect(found.trouble.note.fix).not.toBe("");
  return found.trouble;
}
const paths = () => fake.asked.map(({ path, status }) => `${status} ${path.replace("/repos/acme/shop", "")}`);

beforeEach(async () => {
  time = START;
  db = openDb(":memory:");
  fake = await fakeGitHub({ repos: { "acme/shop": shop }, now });
});
afterEach(() => fake.close());

describe("opening a repository", () => {
  test("gives the default branch at its commit, with its files and texts", async () => {
    const snapshot = await opened(at());
    expect(snapshot).toMatchObject({
      address: at(),
      ref: "main",
      commit: fake.commit("acme/shop"),
      description: "Sells things",
      files: ["app.json", "docs/api/index.md", "web/Procfile", "web/src/a.js"],
    });
    expect(await snapshot.read("app.json")).toBe('{"name":"shop"}');
    expect(await snapshot.read("web/src")).toBe(null);
    expect(await snapshot.read("nothing")).toBe(null);
    expect(await snapshot.read("../../app.json")).toBe(null);
  });

  test.each([
    ["next", "next"],
    ["feature/cart/v2", "cart"],
    ["v1.0", "1.0"],
    ["web/v2", "web2"],
    ["refs/heads/next", "next"],
    ["HEAD", '{"name":"shop"}'],
  ])("at the ref %s", async (ref, text) => {
    const snapshot = await opened(at({ ref }));
    expect(snapshot.ref).toBe(ref);
    expect(snapshot.address.ref).toBe(ref);
    expect(await snapshot.read("app.json")).toBe(text);
  });

  test("at a commit, whole or shortened, that is in its own history", async () => {
    const first = fake.commit("acme/shop");
    fake.push("acme/shop", { "app.json": "second" });
    expect(await (await opened(at({ ref: first }))).read("app.json")).toBe('{"name":"shop"}');
    expect((await opened(at({ ref: first.slice(0, 7) }))).commit).toBe(first);
    for (const ref of ["next", "v1.0"]) {
      const commit = fake.commit("acme/shop", ref);
      expect((await opened(at({ ref: commit.slice(0, 10) }))).commit).toBe(commit);
    }
    fake.annotate("acme/shop", "v1.0");
    db = openDb(":memory:");
    expect((await opened(at({ ref: fake.commit("acme/shop", "v1.0") }))).commit).toBe(fake.commit("acme/shop", "v1.0"));
  });

  test("a fork's commit does not pass as the repository's own", async () => {
    const stranger = fake.commit("acme/shop", "refs/pull/7/head");
    for (const ref of [stranger, stranger.slice(0, 8), "refs/pull/7/head", "pull/7/head"]) {
      expect(await problemOf(at({ ref }))).toMatchObject({ kind: "no-ref" });
    }
  });

  test("a missing ref is a problem with a next step", async () => {
    const found = await problemOf(at({ ref: "nope" }));
    expect(found.kind).toBe("no-ref");
    expect(found.note.message).toContain("“nope”");
    expect(found.note.fix).toContain("main");
    expect((await problemOf(at({ ref: "0".repeat(40) }))).kind).toBe("no-ref");
    expect((await problemOf(at({ ref: "latest-release" }))).note.message).toBe("The repository has no release yet.");
  });

  test("a path gives the files below it; a file's path means its folder", async () => {
    const web = await opened(at({ path: "web" }));
    expect(web.files).toEqual(["Procfile", "src/a.js"]);
    expect(await web.read("src/a.js")).toBe("a");
    expect((await opened(at({ path: "web/Procfile" }))).address.path).toBe("web");
    expect(await problemOf(at({ path: "wep" }))).toMatchObject({
      kind: "no-path",
      note: { fix: "Perhaps it is “web”." },
    });
    expect((await problemOf(at({ path: "api" }))).note.fix).toBe("Perhaps it is “docs/api”.");
  });

  test("names have GitHub's spelling", async () => {
    expect((await opened(at({ owner: "Acme", repo: "SHOP" }))).address).toEqual(at());
  });

  test("links are followed inside the repository and nowhere else", async () => {
    fake.add("acme/links", {
      files: {
        "conf/app.json": "{}",
        "app.json": { link: "conf/app.json" },
        "web/up.json": { link: "../conf/../app.json" },
        out: { link: "../../etc/passwd" },
        root: { link: "/etc/passwd" },
        loop: { link: "loop" },
      },
    });
    const snapshot = await opened(at({ repo: "links" }));
    const texts = await Promise.all(["app.json", "web/up.json", "out", "root", "loop"].map(snapshot.read));
    expect(texts).toEqual(["{}", "{}", null, null, null]);
    expect(await (await opened(at({ repo: "links", path: "web" }))).read("up.json")).toBe(null);
  });

  test("binary files and files above 5 MB read as null, and large ones are not requested", async () => {
    fake.add("acme/odd", {
      files: {
        binary: new Uint8Array([1, 0, 2]),
        latin: new Uint8Array([0xe4]),
        bom: "\uFEFFhi",
        large: "x".repeat(5_000_001),
        just: "x".repeat(5_000_000),
      },
    });
    const snapshot = await opened(at({ repo: "odd" }));
    const before = fake.asked.length;
    expect(await snapshot.read("large")).toBe(null);
    expect(fake.asked.length).toBe(before);
    expect(await Promise.all(["binary", "latin", "bom"].map(snapshot.read))).toEqual([null, null, "hi"]);
    expect((await snapshot.read("just"))?.length).toBe(5_000_000);
  });

  test("a truncated tree is read from the requested folder", async () => {
    fake.change("acme/shop", { treeLimit: 5 });
    expect(await problemOf(at())).toMatchObject({
      kind: "too-large",
      note: { fix: expect.stringContaining("?path=") },
    });
    const web = await opened(at({ path: "web" }));
    expect(web.files).toEqual(["Procfile", "src/a.js"]);
    expect(await web.read("Procfile")).toBe("web: x");
    expect((await opened(at({ path: "web/src/a.js" }))).files).toEqual(["a.js"]);
    expect((await problemOf(at({ path: "web/scr" }))).note.fix).toBe("Perhaps it is “web/src”.");
    expect((await problemOf(at({ path: "wep/src" }))).note.fix).not.toContain("x");
    fake.change("acme/shop", { treeLimit: 1 });
    expect(
      await problemOf(at({ path: "web" }), started({ cache: storedResponses(openDb(":memory:"), now) })),
    ).toMatchObject({ kind: "too-large" });
  });
});

describe("repositories that cannot be opened", () => {
  test("private and missing ones look the same, also to a server whose token sees more", async () => {
    fake.add("acme/secret", { files: { "app.json": "{}" }, private: true });
    for (const source of [started(), started({ token: "owner-token" }), started({ token: undefined })]) {
      for (const repo of ["secret", "nothing"]) {
        const found = await problemOf(at({ repo }), source);
        expect(found.kind).toBe("missing");
        expect(found.note.fix).toContain("private");
      }
    }
  });

  test("a renamed one names its new address and keeps ref and path", async () => {
    fake.rename("acme/shop", "acme-inc/store");
    expect(await problemOf(at({ ref: "next", path: "web" }))).toMatchObject({
      kind: "moved",
      to: at({ owner: "acme-inc", repo: "store", ref: "next", path: "web" }),
    });
    expect((await opened(at({ owner: "acme-inc", repo: "store" }))).files).toHaveLength(4);
  });

  test("so does one that was renamed after it was cached", async () => {
    await opened(at());
    fake.rename("acme/shop", "acme/store");
    expect(await problemOf(at())).toMatchObject({ kind: "moved", to: at({ repo: "store" }) });
  });

  test("an empty one", async () => {
    fake.add("acme/empty", {});
    expect((await problemOf(at({ repo: "empty" }))).note.message).toBe("The repository is empty.");
  });

  test.each(["dmca", "tos"] as const)("one that GitHub has blocked (%s)", async (blocked) => {
    fake.change("acme/shop", { blocked });
    const found = await problemOf(at());
    expect(found.kind).toBe("missing");
    expect(found.note.message).toContain(`blocked this repository (${blocked})`);
    expect(found.note.fix).toContain("https://github.com/");
  });

  test("an archived one can be opened", async () => {
    fake.change("acme/shop", { archived: true });
    expect((await opened(at())).files).toHaveLength(4);
  });
});

describe("a repository with releases", () => {
  beforeEach(() => fake.change("acme/shop", { release: "v1.0" }));

  test("opens at its latest release if no ref is given", async () => {
    const snapshot = await opened(at());
    expect(snapshot).toMatchObject({ ref: "v1.0", commit: fake.commit("acme/shop", "v1.0"), isRelease: true });
    expect(snapshot.address).not.toHaveProperty("ref");
    expect(await snapshot.read("app.json")).toBe("1.0");
    expect(await opened(at({ ref: "latest-release" }))).toMatchObject({ ref: "latest-release", isRelease: false });
    for (const ref of ["main", "HEAD"])
      expect(await (await opened(at({ ref }))).read("app.json")).toBe('{"name":"shop"}');
  });

  test("opens at its default branch while the tag of the release is missing", async () => {
    fake.change("acme/shop", { release: "v9" });
    expect(await opened(at())).toMatchObject({ ref: "main", isRelease: false });
  });

  test("costs three 304s when it is cached", async () => {
    await (await opened(at())).read("app.json");
    const used = fake.used("good-token");
    fake.asked.length = 0;
    time += 3_600_000;
    await (await opened(at())).read("app.json");
    expect(paths()).toEqual(["304 ", "304 /releases/latest", "304 /commits/tags%2Fv1.0"]);
    expect(fake.used("good-token")).toBe(used);
  });

  test("opens from the cache while GitHub is down", async () => {
    await opened(at());
    time += 3_600_000;
    fake.misbehave(() => new Response("", { status: 502 }));
    expect(await opened(at())).toMatchObject({ ref: "v1.0" });
  });

  test("opens at its first release ten minutes after it was published", async () => {
    fake.change("acme/shop", { release: undefined });
    const source = started();
    expect((await opened(at(), source)).ref).toBe("main");
    fake.change("acme/shop", { release: "v1.0" });
    time += 599_999;
    expect((await opened(at(), source)).ref).toBe("main");
    time += 30_001;
    expect((await opened(at(), source)).ref).toBe("v1.0");
  });
});

describe("what it costs", () => {
  test("a cold page: repository, release, commit, tree, and the files that are read; a warm one after a restart: two 304s", async () => {
    await (await opened(at())).read("app.json");
    const sha = fake.commit("acme/shop");
    expect(paths()).toEqual([
      "200 ",
      "404 /releases/latest",
      "200 /commits/heads%2Fmain",
      `200 /git/trees/${sha}?recursive=1`,
      expect.stringContaining("200 /git/blobs/"),
    ]);
    expect(fake.used("good-token")).toBe(5);
    fake.asked.length = 0;
    time += 599_000;
    expect(await (await opened(at())).read("app.json")).toBe('{"name":"shop"}');
    expect(paths()).toEqual(["304 ", "304 /commits/heads%2Fmain"]);
    expect(fake.used("good-token")).toBe(5);
  });

  test("within 30 seconds no request is sent", async () => {
    const source = started();
    const first = await opened(at(), source);
    fake.push("acme/shop", { "app.json": "new" });
    fake.asked.length = 0;
    time += 29_999;
    expect((await opened(at(), source)).commit).toBe(first.commit);
    expect(fake.asked).toEqual([]);
    time += 1;
    const second = await opened(at(), source);
    expect(await second.read("app.json")).toBe("new");
    expect(await first.read("app.json")).toBe('{"name":"shop"}');
  });

  test("an unchanged commit is not read from the database again", async () => {
    let read = 0;
    const responses = storedResponses(db, now);
    const counted = {
      ...responses,
      get(url: string) {
        read += url.includes("/git/trees/") ? 1 : 0;
        return responses.get(url);
      },
    };
    const source = started({ cache: counted });
    await opened(at(), source);
    fake.change("acme/shop", { description: "Sells more" });
    time += 30_000;
    expect(await opened(at(), source)).toMatchObject({
      description: "Sells more",
      files: expect.arrayContaining(["app.json"]),
    });
    expect(read).toBe(1);
  });

  test("without a token, where even a 304 counts, within five minutes", async () => {
    const source = started({ token: undefined });
    await opened(at(), source);
    time += 299_999;
    await opened(at(), source);
    expect(fake.used()).toBe(4);
    time += 1;
    await opened(at(), source);
    expect(fake.used()).toBe(6);
  });

  test("concurrent equal requests are sent once", async () => {
    const source = started();
    const snapshots = await Promise.all(["", "web", "docs", ""].map((path) => opened(at({ path }), source)));
    await Promise.all(snapshots.map((snapshot) => snapshot.read("Procfile")));
    await Promise.all([1, 2, 3].map(() => snapshots[0]?.read("app.json")));
    expect(fake.asked).toHaveLength(6);
  });

  test("the number of cached addresses is limited: the oldest is requested again", async () => {
    const source = started({ cacheLimits: { addresses: 2, files: 1000 } });
    for (const path of ["", "web", "docs"]) await opened(at({ path }), source);
    fake.asked.length = 0;
    for (const path of ["docs", "web"]) await opened(at({ path }), source);
    expect(fake.asked).toHaveLength(0);
    await opened(at(), source);
    expect(fake.asked).toHaveLength(2);
  });

  test("the number of cached files is limited, as a large tree takes much memory", async () => {
    const source = started({ cacheLimits: { addresses: 100, files: 5 } });
    await opened(at(), source);
    await opened(at({ path: "docs" }), source);
    await opened(at({ path: "web" }), source);
    fake.asked.length = 0;
    for (const path of ["web", "docs"]) await opened(at({ path }), source);
    expect(fake.asked).toHaveLength(0);
    await opened(at(), source);
    expect(fake.asked).toHaveLength(2);
  });

  test("a missing repository is not requested repeatedly", async () => {
    const source = started();
    await problemOf(at({ repo: "no" }), source);
    await problemOf(at({ repo: "no" }), source);
    expect(fake.asked).toHaveLength(1);
  });

  test("a full commit SHA is pinned: only the repository is requested", async () => {
    const ref = fake.commit("acme/shop");
    await opened(at({ ref }));
    fake.asked.length = 0;
    await opened(at({ ref }));
    expect(paths()).toEqual(["304 ", expect.stringContaining("304 /compare/main...")]);
  });

  test("the token goes to the API in a header and is nowhere in a URL", async () => {
    await opened(at());
    expect(new Set(fake.asked.map(({ authorization }) => authorization))).toEqual(new Set(["token good-token"]));
    expect(JSON.stringify(paths())).not.toContain("good-token");
  });
});

describe("when GitHub fails", () => {
  const never = () => new Promise<Response>(() => {});
  const valid = { full_name: "acme/shop", description: null, default_branch: "main", private: false };
  const outages: [
    string,
    (request: Request) => Response | Promise<Response> | undefined,
    Partial<RepositoryProblem>,
  ][] = [
    ["a 502", () => new Response("<html>", { status: 502 }), { kind: "unreachable" }],
    ["a 503 with JSON", () => Response.json({ message: "x" }, { status: 503 }), { kind: "unreachable" }],
    ["an endless refusal", () => new Response("x".repeat(200_000), { status: 500 }), { kind: "unreachable" }],
    ["silence", never, { kind: "unreachable" }],
    ["no JSON", () => new Response("<html>hello</html>"), { kind: "unreachable" }],
    ["half a JSON", () => new Response('{"full_name": "acme/'), { kind: "unreachable" }],
    ["another JSON", () => Response.json({ full_name: "../..", private: false }), { kind: "unreachable" }],
    ["a list", () => Response.json([]), { kind: "unreachable" }],
    [
      "endless JSON",
      (request) => (request.url.endsWith("/shop") ? Response.json({ ...valid, more: "x".repeat(3e6) }) : undefined),
      { kind: "unreachable" },
    ],
    [
      "a strange content type",
      () => new Response("x", { status: 500, headers: { "content-type": ";;" } }),
      { kind: "unreachable" },
    ],
    [
      "a body that breaks off",
      () => new Response('{"full_name"', { headers: { "content-length": "100" } }),
      { kind: "unreachable" },
    ],
    ["a secondary limit, 403", () => secondaryLimit(403), { kind: "limited", retryAt: new Date(START + 60_000) }],
    [
      "a secondary limit, 429",
      () => secondaryLimit(429, { "retry-after": "90" }),
      { kind: "limited", retryAt: new Date(START + 90_000) },
    ],
    [
      "a secondary limit that gives no time",
      () => secondaryLimit(403, {}),
      { kind: "limited", retryAt: new Date(START + 60_000) },
    ],
    [
      "a limit that gives nonsense",
      () => secondaryLimit(429, { "retry-after": "soon" }),
      { kind: "limited", retryAt: new Date(START + 60_000) },
    ],
    [
      "a limit of a century",
      () => secondaryLimit(429, { "retry-after": "3153600000" }),
      { kind: "limited", retryAt: new Date(START + 3_600_000) },
    ],
    [
      "another 403",
      () => Response.json({ message: "Resource protected by organization SAML enforcement." }, { status: 403 }),
      { kind: "unreachable", note: expect.objectContaining({ message: expect.stringContaining("SAML") }) },
    ],
    [
      "a 401",
      () => Response.json({ message: "Bad credentials" }, { status: 401 }),
      { kind: "unreachable", note: expect.objectContaining({ fix: expect.stringContaining("GITHUB_TOKEN") }) },
    ],
  ];

  test.each(outages)("%s is a problem with a next step", async (_, answer, expected) => {
    fake.misbehave(answer);
    const found = await problemOf(at(), started({ timeoutMs: 300 }));
    expect(found).toMatchObject(expected);
    expect(found.retryAt?.getTime()).toBeGreaterThan(START);
  });

  test.each(outages)("after %s the cached response is used, with its own files and texts", async (_, answer) => {
    const before = await opened(at());
    await before.read("app.json");
    fake.push("acme/shop", { "app.json": "not yet seen" });
    fake.misbehave(answer);
    const snapshot = await opened(at(), started({ timeoutMs: 300 }));
    expect(snapshot.commit).toBe(before.commit);
    expect(await snapshot.read("app.json")).toBe('{"name":"shop"}');
  });

  test("a cached page waits for an unresponsive GitHub once, not for every request", async () => {
    await opened(at());
    fake.asked.length = 0;
    let waiting = 0;
    fake.misbehave(() => {
      waiting++;
      return never();
    });
    await opened(at(), started({ timeoutMs: 200 }));
    expect(waiting).toBe(1);
  });

  test("an unreachable server is a problem, too", async () => {
    await fake.close();
    expect(await problemOf(at())).toMatchObject({ kind: "unreachable" });
  });

  test("a wrong token says so", async () => {
    expect((await problemOf(at(), started({ token: "old-token" }))).note.message).toContain(
      "does not accept this server's token",
    );
  });

  test("a file that cannot be read is an error, not a wrong result", async () => {
    const snapshot = await opened(at());
    fake.misbehave(() => new Response("", { status: 500 }));
    await expect(snapshot.read("app.json")).rejects.toThrow(OperationalError);
    fake.misbehave();
    expect(await snapshot.read("app.json")).toBe('{"name":"shop"}');
  });

  test("an exhausted rate limit says when it resets and how to raise it, and no request is sent until then", async () => {
    const source = started({ token: undefined });
    fake.setUsed(60);
    const found = await problemOf(at(), source);
    expect(found).toMatchObject({ kind: "limited", retryAt: new Date(START + 1_800_000) });
    expect(found.note.fix).toContain("12:30 UTC");
    expect(found.note.fix).toContain("GITHUB_TOKEN");
    time += 60_000;
    await problemOf(at({ repo: "other" }), source);
    await problemOf(at(), source);
    expect(fake.asked).toHaveLength(1);
    time = START + 1_800_000;
    fake.setUsed(0);
    expect((await opened(at(), source)).files).toHaveLength(4);
  });

  test("after an outage it does not take 30 seconds to notice that it is over", async () => {
    const source = started();
    fake.misbehave(() => new Response("", { status: 500 }));
    const { retryAt } = await problemOf(at(), source);
    fake.misbehave();
    time = retryAt?.getTime() ?? 0;
    expect((await opened(at(), source)).files).toHaveLength(4);
  });

  test("a deleted repository is not served from the cache", async () => {
    await opened(at());
    fake.remove("acme/shop");
    expect(await problemOf(at())).toMatchObject({ kind: "missing" });
    fake.misbehave(() => new Response("", { status: 502 }));
    expect(await problemOf(at())).toMatchObject({ kind: "unreachable" });
  });

  test("nor is a blocked one", async () => {
    await opened(at());
    fake.change("acme/shop", { blocked: "dmca" });
    expect(await problemOf(at())).toMatchObject({ kind: "missing" });
    fake.misbehave(() => new Response("", { status: 502 }));
    expect(await problemOf(at())).toMatchObject({ kind: "unreachable" });
  });

  test("a truncated response in the database is requested again", async () => {
    await opened(at());
    const responses = storedResponses(db, now);
    const broken = {
      ...responses,
      get: (url: string) => ({ ...responses.get(url), url, etag: "x", status: 200, body: "{", at: new Date(0) }),
    };
    expect((await opened(at(), started({ cache: broken }))).files).toHaveLength(4);
  });
});

describe("what a pasted /tree/ means", () => {
  const settled = (rest: string) => started().settle({ ...at(), rest });

  test.each([
    ["next/web", { ref: "next", path: "web" }],
    ["feature/cart/v2", { ref: "feature/cart/v2", path: "" }],
    ["feature/cart/v2/web/src", { ref: "feature/cart/v2", path: "web/src" }],
    ["web/v2/docs", { ref: "web/v2", path: "docs" }],
    ["main/web/Procfile", { ref: "main", path: "web/Procfile" }],
    ["nope/web", { ref: "nope", path: "web" }],
    ["feature/nope", { ref: "feature", path: "nope" }],
  ])("%s", async (rest, found) => {
    expect(await settled(rest)).toEqual({ ok: true, address: at(found) });
  });

  test("a URL without a rest costs no request", async () => {
    expect(await started().settle(at({ ref: "a/b" }))).toEqual({ ok: true, address: at({ ref: "a/b" }) });
    expect(fake.asked).toEqual([]);
  });

  test("an unreachable GitHub is reported", async () => {
    fake.misbehave(() => secondaryLimit(429));
    expect(await settled("next/web")).toMatchObject({ ok: false, trouble: { kind: "limited" } });
  });
});

describe("downloading", () => {
  let into: string;
  const signal = new AbortController().signal;
  beforeEach(async () => {
    into = await mkdtemp(join(tmpdir(), "slipway-github-"));
  });
  afterEach(() => rm(into, { recursive: true, force: true, maxRetries: 10 }));
  const download = (more: Partial<Address> = {}, commit = fake.commit("acme/shop"), source = started()) =>
    source.download({ address: at(more), commit }, into, signal);
  const refused = (message: string, next: string) => ({
    name: "OperationalError",
    message: expect.stringContaining(message),
    next: expect.stringContaining(next),
  });

  test("writes the files of the commit, whatever the branch has become, and needs no limit of the API but one", async () => {
    const commit = fake.commit("acme/shop");
    fake.push("acme/shop", { "app.json": "new" });
    await download({}, commit);
    expect(await readFile(join(into, "app.json"), "utf8")).toBe('{"name":"shop"}');
    expect(await readFile(join(into, "web/src/a.js"), "utf8")).toBe("a");
    expect(fake.used("good-token")).toBe(1);
  });

  test("writes only what is below the path", async () => {
    await download({ path: "web" });
    expect((await readdir(into, { recursive: true })).sort()).toEqual(["Procfile", "src", "src/a.js"]);
  });

  test("follows a rename, and leaves the token behind where it is sent on", async () => {
    const commit = fake.commit("acme/shop");
    fake.rename("acme/shop", "acme/store");
    await download({}, commit);
    expect(await readdir(into)).toContain("app.json");
    const last = fake.asked.at(-1);
    expect(last?.path).toContain("/codeload/");
    expect(last?.authorization).toBe(null);
  });

  test("says what to do when the commit or its folder is missing, or GitHub is down", async () => {
    await expect(download({}, "0".repeat(40))).rejects.toMatchObject(
      refused("no longer has this commit", "Start again"),
    );
    await expect(download({ path: "gone" })).rejects.toMatchObject(refused("“gone”", "Start again"));
    fake.misbehave(() => new Response("", { status: 502 }));
    await expect(download()).rejects.toMatchObject(refused("problem of its own", "Try again"));
    fake.misbehave(() => new Response("not a tar"));
    await expect(download()).rejects.toMatchObject(refused("could not be downloaded whole", "Try again"));
    fake.misbehave(() => new Promise(() => {}));
    await expect(download({}, undefined, started({ timeoutMs: 100 }))).rejects.toMatchObject(
      refused("could not be reached", "Try again"),
    );
    fake.misbehave(() => secondaryLimit(403));
    await expect(download()).rejects.toMatchObject(refused("rate limit", "12:01 UTC"));
  });

  test("stops when it is aborted", async () => {
    const stop = new AbortController();
    fake.misbehave(() => new Promise(() => setTimeout(() => stop.abort(new Error("enough")), 20)));
    const commit = fake.commit("acme/shop");
    await expect(started().download({ address: at(), commit }, into, stop.signal)).rejects.toThrow("enough");
  });
});
