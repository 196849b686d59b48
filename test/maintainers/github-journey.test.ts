import { join } from "node:path";
import { like } from "drizzle-orm";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppTwin, Problems } from "../../routes/openapi/schemas.ts";
import { openDb } from "../../src/data/db.ts";
import { counts } from "../../src/data/schema.ts";
import { Deployment } from "../../src/plan.ts";
import { findLeftovers, noLeftovers } from "../clouds/local/leftover-processes.ts";
import { fakeGitHub, type Seed, secondaryLimit } from "../fakes/github/github.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

// The server as people run it, with a GitHub of our own behind GITHUB_API_URL.

const app = (says: string) => ({
  "app.json": JSON.stringify({ name: says, success_url: "/welcome" }),
  "package.json": '{"scripts":{"start":"node server.js"}}',
  "package-lock.json": '{"lockfileVersion":3,"packages":{}}',
  "server.js": `require("node:http").createServer((q, a) => a.end("${says} at " + q.url)).listen(process.env.PORT);`,
});
const shop: Seed = {
  description: "Sells things",
  files: { ...app("Shop"), "web/admin/app.json": '{"name":"Admin"}', "web/admin/Procfile": "web: node a.js" },
  branches: { "feature/cart/v2": app("Cart"), next: app("Next") },
  tags: { "v1.0": app("Shop one") },
};

let fake: Awaited<ReturnType<typeof fakeGitHub>>;
let server: TestServer;
const { dataDir, dispose } = createDataDir();
const start = async (port?: number) =>
  serve({
    port: port ?? (await freePort()),
    dataDir,
    env: { GITHUB_API_URL: fake.url, GITHUB_TOKEN: "good-token" },
  });

beforeAll(async () => {
  fake = await fakeGitHub({
    repos: {
      "acme/shop": shop,
      "acme/released": { ...shop, release: "v1.0" },
      "acme/old-name": { files: app("Moved") },
      "acme/empty": {},
      "acme/hidden": { files: app("Hidden"), private: true },
      "acme/warm": { files: app("Warm") },
      "acme/cold": { files: app("Cold") },
      "acme/plain": { files: { "README.md": "# Nothing to deploy" } },
    },
  });
  fake.rename("acme/old-name", "acme/new-name");
  server = await start();
});
afterAll(async () => {
  await server?.end();
  await fake?.close();
  dispose();
});
beforeEach(() => fake.misbehave());

const get = (path: string, headers: Record<string, string> = { accept: "text/html" }) =>
  fetch(`${server.origin}${path}`, { headers, redirect: "manual" });
const getJson = (path: string) => get(path, { accept: "application/json" });
const badgeOf = async (path: string) => {
  const [repo = "", query = ""] = path.split("?");
  const answer = await get(`${repo}/badge.svg${query ? `?${query}` : ""}`);
  expect([path, answer.status, answer.headers.get("content-type")]).toEqual([path, 200, "image/svg+xml"]);
  return (await answer.text()).match(/<title>(.*?)<\/title>/)?.[1] ?? "";
};

describe("a repository on github.com", () => {
  test.each([
    ["", "Shop"],
    ["?ref=feature/cart/v2", "Cart"],
    ["?ref=feature%2Fcart%2Fv2", "Cart"],
    ["?ref=v1.0", "Shop one"],
    ["?path=web/admin", "Admin"],
    ["?ref=main&path=/web/admin/", "Admin"],
  ])("is read at %j", async (query, name) => {
    const page = await get(`/github.com/acme/shop${query}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(`<h1 dir="auto">${name}</h1>`);
    const twin = AppTwin.parse(await (await getJson(`/github.com/acme/shop${query}`)).json());
    expect(twin.app.name).toBe(name);
    expect(twin.app.source.commit).toMatch(/^[\da-f]{40}$/);
    for (const cloud of twin.clouds) expect((await fetch(cloud.url)).status).toBe(200);
  });

  test.each([
    ["", "Shop one"],
    ["?ref=latest-release", "Shop one"],
    ["?ref=main", "Shop"],
    ["?ref=HEAD", "Shop"],
    // What the release does not have yet, the default branch may.
    ["?path=web/admin", "Admin"],
  ])("with a release is read at it unless the address says otherwise: %j", async (query, name) => {
    const page = await get(`/github.com/acme/released${query}`);
    expect(await page.text()).toContain(`<h1 dir="auto">${name}</h1>`);
  });

  test("is read at a commit, whole or abbreviated", async () => {
    const sha = fake.commit("acme/shop", "v1.0");
    for (const ref of [sha, sha.slice(0, 10)]) {
      const twin = AppTwin.parse(await (await getJson(`/github.com/acme/shop?ref=${ref}`)).json());
      expect([twin.app.name, twin.app.source.commit]).toEqual(["Shop one", sha]);
    }
  });

  test("has a badge that leads there", async () => {
    expect(await badgeOf("/github.com/acme/shop")).toMatch(/^Deploy/);
    expect(await badgeOf("/github.com/acme/shop?path=web/admin")).toMatch(/^Deploy/);
  });
});

test.each([
  ["acme/shop", ""],
  ["https://github.com/acme/shop", ""],
  ["http://www.github.com/acme/shop/", ""],
  ["https://github.com/acme/shop.git", ""],
  ["git@github.com:acme/shop.git", ""],
  ["ssh://git@github.com/acme/shop.git", ""],
  ["git clone https://github.com/acme/shop.git", ""],
  ["https://github.com/acme/shop/tree/main", "?ref=main"],
  ["https://github.com/acme/shop/tree/feature/cart/v2", "?ref=feature/cart/v2"],
  ["https://github.com/acme/shop/tree/main/web/admin", "?ref=main&path=web/admin"],
  ["https://github.com/acme/shop/blob/feature/cart/v2/app.json", "?ref=feature/cart/v2&path=app.json"],
  ["https://github.com/acme/shop/releases/tag/v1.0", "?ref=v1.0"],
  ["https://github.com/acme/shop/releases/tag/v1.0", "?ref=v1.0"],
  ["https://github.com/acme/shop/issues?q=is%3Aopen", ""],
  ["https://github.com/acme/shop/pull/7/files", ""],
  ["https://github.com/acme/shop#readme", ""],
  ["https://github.com/acme/shop?tab=readme-ov-file", ""],
])("%j pasted on the home page or behind our origin ends on its page", async (pasted, query) => {
  const end = async (path: string) => {
    const answer = await fetch(`${server.origin}${path}`, { headers: { accept: "text/html" } });
    const { pathname, search } = new URL(answer.url);
    return [answer.status, pathname + search];
  };
  const right = [200, `/github.com/acme/shop${query}`];
  expect(await end(`/?repo=${encodeURIComponent(pasted)}`)).toEqual(right);
  if (!/^git clone|^acme/.test(pasted) && !pasted.includes("?")) expect(await end(`/${pasted}`)).toEqual(right);
});

describe("what can't be deployed has a page that says what to do, a twin and a badge", () => {
  const first = async (path: string) => {
    const page = await get(path);
    const text = await page.text();
    const twin = await getJson(path);
    expect([path, twin.status]).toEqual([path, page.status]);
    const [problem] = Problems.parse(await twin.json()).problems;
    expect(problem?.message).toMatch(/\.$/);
    expect(problem?.fix).not.toBe("");
    return { page, text, problem, twin };
  };

  test.each([
    ["/github.com/acme/nothing", 404, /no public repository acme\/nothing/, "repository not found"],
    ["/github.com/acme/hidden", 404, /no public repository acme\/hidden/, "repository not found"],
    ["/github.com/acme/empty", 404, /is empty/, "branch not found"],
    ["/github.com/acme/shop?ref=gone", 404, /no branch, tag or commit “gone”/, "branch not found"],
    ["/github.com/acme/empty?ref=latest-release", 404, /no release yet/, "branch not found"],
    ["/github.com/acme/shop?path=web/amdin", 404, /no folder “web\/amdin”/, "folder not found"],
    ["/github.com/acme/plain", 422, /./, "manifest needs mending"],
    ["/github.com/acme/shop?ref=a..b", 400, /no branch, tag or commit/, "not found"],
  ])("%s", async (path, status, expectedText, badge) => {
    const { page, problem } = await first(path);
    expect(page.status).toBe(status);
    expect(problem?.message).toMatch(expectedText);
    expect(await badgeOf(path)).toContain(badge);
  });

  test("a folder that is nearly right is named", async () => {
    expect((await first("/github.com/acme/shop?path=web/amdin")).text).toContain("web/admin");
  });

  test("a repository that moved has a page that leads on, and is not deployed from its old name", async () => {
    const { page, text } = await first("/github.com/acme/old-name?ref=main");
    expect(page.status).toBe(404);
    expect(text).toContain('href="/github.com/acme/new-name?ref=main"');
    expect(await badgeOf("/github.com/acme/old-name")).toMatch(/^Deploy/);
    const answer = await order({ repo: "github.com/acme/old-name", cloud: "local" });
    expect(answer.status).toBe(404);
    expect(Problems.parse(await answer.json()).problems[0]?.message).toContain("acme/new-name");
  });
});

const order = (body: object) =>
  fetch(`${server.origin}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

test("however its name is capitalised, it is one repository with one count", async () => {
  for (const name of ["ACME/Warm", "acme/warm", "Acme/WARM"]) {
    expect((await get(`/github.com/${name}`)).status).toBe(200);
    await badgeOf(`/github.com/${name}`);
  }
  const db = openDb(join(dataDir, "slipway.db"));
  await expect
    .poll(() => db.selectDistinct({ repo: counts.repo }).from(counts).where(like(counts.repo, "%warm")).all())
    .toEqual([{ repo: "github.com/acme/warm" }]);
  db.$client.close();
});

test("a warm page costs no rate limit", async () => {
  const pages = ["", "/manifest", "/local", "/badge"].map((page) => `/github.com/acme/warm${page}`);
  for (const page of pages) expect((await get(page)).status).toBe(200);
  const cost = fake.used("good-token");
  for (const page of pages) expect((await get(page)).status).toBe(200);
  expect(fake.used("good-token")).toBe(cost);
  // Also after a start, when only the database remembers.
  const { port } = new URL(server.origin);
  await server.end();
  server = await start(Number(port));
  for (const page of pages) expect((await get(page)).status).toBe(200);
  expect(fake.used("good-token")).toBe(cost);
});

describe("when GitHub has trouble", () => {
  const cold = "/github.com/acme/cold";
  test("a limit that is used up says when to come back, and a warm page still works", async () => {
    await get("/github.com/acme/warm");
    fake.misbehave(() => secondaryLimit(403, { "retry-after": "2" }));
    const answer = await get(cold);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.text()).toContain("rate limit");
    const twin = await getJson(cold);
    expect([twin.status, Problems.parse(await twin.json()).problems.length]).toEqual([503, 1]);
    expect((await get("/github.com/acme/warm")).status).toBe(200);
    expect(await badgeOf(cold)).toMatch(/^Deploy/);
    expect(await badgeOf("/github.com/acme/warm")).toMatch(/^Deploy/);
    fake.misbehave();
    await expect.poll(async () => (await get(cold)).status, { timeout: 15_000 }).toBe(200);
  });

  test.each([
    ["answers with an error", () => new Response("oops", { status: 502 })],
    ["answers with nonsense", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ])("an outage in which it %s is said, and a warm page still works", async (how, answer) => {
    const unknown = `/github.com/acme/${how.length}`;
    await get("/github.com/acme/warm");
    fake.misbehave(answer);
    const page = await get(unknown);
    expect(page.status).toBe(502);
    expect(await page.text()).toContain("Try again in a minute");
    expect(page.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await getJson(unknown)).status).toBe(502);
    expect(await badgeOf(unknown)).toMatch(/^Deploy/);
    expect((await get("/github.com/acme/warm")).status).toBe(200);
  });
});

const atRest = (id: string) =>
  expect
    .poll(
      async () => {
        const { state } = Deployment.parse(await (await getJson(`/deployments/${id}`)).json());
        return state === "running" || state === "removing" ? "under way" : state;
      },
      { timeout: 90_000, interval: 200 },
    )
    .not.toBe("under way");
const twinOf = async (id: string) => Deployment.parse(await (await getJson(`/deployments/${id}`)).json());

/** What the form of a configure page would send. */
async function formOf(path: string): Promise<URLSearchParams> {
  const page = await (await get(path)).text();
  const fields = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  return new URLSearchParams([...fields].map(([, name = "", value = ""]): [string, string] => [name, value]));
}

async function press(form: URLSearchParams): Promise<string> {
  const answer = await fetch(`${server.origin}/deployments`, {
    method: "POST",
    body: form,
    headers: { origin: server.origin },
    redirect: "manual",
  });
  expect([answer.status, answer.status === 303 ? "" : await answer.text()]).toEqual([303, ""]);
  return answer.headers.get("location")?.split("/").at(-1) ?? "";
}

async function removed(id: string, url: string | null) {
  await fetch(`${server.origin}/deployments/${id}/removal`, { method: "POST" });
  await atRest(id);
  expect((await twinOf(id)).state).toBe("removed");
  expect(await findLeftovers(dataDir, id, url)).toEqual(noLeftovers);
}

test.each(["main", "feature/cart/v2"])(
  "what the visitor saw on %s is what runs, though the branch has moved on since",
  async (branch) => {
    const form = await formOf(`/github.com/acme/shop/local?ref=${branch}`);
    const saw = fake.commit("acme/shop", branch);
    expect(form.get("commit")).toBe(saw);
    const name = branch === "main" ? "Shop" : "Cart";
    fake.push("acme/shop", { ...app("Newer"), "web/admin/app.json": "{}" }, branch);
    const { port } = new URL(server.origin);
    // A fresh start has forgotten what was in memory and asks anew where the branch is.
    await server.end();
    server = await start(Number(port));
    const id = await press(form);
    await atRest(id);
    const { state, url, commit, error } = await twinOf(id);
    expect([state, commit, error]).toEqual(["succeeded", saw, null]);
    expect(await (await fetch(url ?? "")).text()).toBe(`${name} at /welcome`);
    await removed(id, url);
  },
  120_000,
);

test("pressing the button right after the page asks GitHub for nothing but the archive", async () => {
  await get("/github.com/acme/warm/local");
  const form = await formOf("/github.com/acme/warm/local");
  const before = fake.asked.length;
  const id = await press(form);
  await atRest(id);
  expect(
    fake.asked.slice(before).map(({ path }) =>
      path
        .replace(/[\da-f]{7,40}/g, "SHA")
        .split("/")
        .slice(0, 5)
        .join("/"),
    ),
  ).toEqual(["/repos/acme/warm/tarball", expect.stringMatching(/^\/codeload\//)]);
  await removed(id, (await twinOf(id)).url);
}, 90_000);

needs("chromium")(
  "from a pasted address to the running app and back, in a browser",
  async () => {
    const browser: Browser = await launchChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(server.origin);
      await page.fill("#repo", "https://github.com/acme/old-name/tree/main");
      await page.click("button:has-text('See cost')");
      await page.click("text=Continue to acme/new-name");
      await page.click("text=This machine");
      await page.click("button:has-text('Deploy')");
      await page.waitForSelector("a.open");
      const id = new URL(page.url()).pathname.split("/")[2] ?? "";
      const url = (await page.getAttribute("a.open", "href")) ?? "";
      await page.click("a.open");
      expect(await page.textContent("body")).toBe("Moved at /welcome");
      await page.goBack();
      await page.click("text=Remove it");
      await page.click("button:has-text('Delete')");
      await page.waitForSelector("h1:has-text('was removed')");
      expect(await findLeftovers(dataDir, id, url)).toEqual(noLeftovers);
    } finally {
      await browser.close();
    }
  },
  120_000,
);
