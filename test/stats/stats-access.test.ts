import { afterAll, beforeAll, expect, test } from "vitest";
import { StatsTwin } from "../../routes/openapi/stats-schema.ts";
import { addCount } from "../../src/data/store/counts.ts";
import { countFailure, countStart } from "../../src/data/store/outcomes.ts";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";

const manifest = (settings: object = {}) => ({
  "app.json": JSON.stringify({ name: "Shop", cloud: { settings } }),
  Procfile: "web: x",
});
const at = new Date("2026-11-20T12:00:00Z");
let here: Awaited<ReturnType<typeof createTestAppWithGitHub>>;
let ada: ReturnType<typeof here.browser>;
let eve: ReturnType<typeof here.browser>;

beforeAll(async () => {
  here = await createTestAppWithGitHub({
    repos: {
      "acme/shop": { files: manifest() },
      "acme/open": { files: manifest({ stats: "public" }) },
      "other/app": { files: manifest() },
    },
    users: { ada: { id: 7, push: ["acme/shop", "acme/open"] }, eve: { id: 9, push: ["other/app"] } },
  });
  [ada, eve] = [here.browser(), here.browser()];
  await ada.signIn("ada");
  await eve.signIn("eve");
  for (const repo of ["acme/shop", "acme/open", "other/app"])
    addCount(here.db, { repo: `github.com/${repo}`, what: "visit" }, at, 4321);
});
afterAll(() => here.close());

const files = [
  "stats",
  "stats.json",
  "stats.csv",
  "stats?days=all",
  "stats/outcomes.svg",
  "stats/visits.svg?size=small",
];

test("only a repository's own maintainers see its numbers, in any form", async () => {
  for (const file of files) {
    const shown = await ada.get(`/github.com/acme/shop/${file}`);
    expect([file, shown.status]).toEqual([file, 200]);
    await shown.text();
    for (const [label, status] of [
      [eve, 403],
      [here.browser(), 401],
    ] as const) {
      const answer = await label.get(`/github.com/acme/shop/${file}`);
      expect([file, answer.status]).toEqual([file, status]);
      expect(await answer.text()).not.toContain("4321");
    }
    expect([file, (await ada.get(`/github.com/other/app/${file}`)).status]).toEqual([file, 403]);
  }
  expect(await (await ada.get("/github.com/acme/shop/stats")).text()).toContain("4,321");
});

test("a network gets four exports at once, page by page, and the next one when one is read or cut off", async () => {
  const exports = () => here.get("/github.com/acme/open/stats.csv?days=all");
  const held = await Promise.all(Array.from({ length: 4 }, exports));
  expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const refused = await exports();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
  await held[0]?.body?.cancel();
  const next = await exports();
  expect(await next.text()).toMatch(/^day,.*\r\n/);
  for (const response of held.slice(1)) await response.text();
  for (let n = 0; n < 5; n++) expect(await (await exports()).text()).toContain("2026-11-20");
});

test("however its name is written, the numbers are the same", async () => {
  const twin = StatsTwin.parse(await (await ada.get("/github.com/ACME/Shop/stats.json")).json());
  expect(twin).toMatchObject({ repo: "github.com/acme/shop", totals: { visit: 4321 } });
});

test("everybody sees them once the page or the manifest says so, and nobody once it says otherwise", async () => {
  const visitor = here.browser();
  const status = async (repo: string) => (await visitor.get(`/github.com/${repo}/stats.json`)).status;
  expect(await status("acme/open")).toBe(200);
  expect((await visitor.get("/github.com/acme/open/stats/badges.svg")).status).toBe(200);
  expect(await (await visitor.get("/github.com/acme/open/stats")).text()).toContain("Everyone can see this page.");
  const set = async (repo: string, stats: string) =>
    expect((await ada.post(`/github.com/${repo}/settings`, { stats })).status).toBe(303);
  await set("acme/open", "private");
  expect(await status("acme/open")).toBe(401);
  await set("acme/shop", "public");
  expect(await status("acme/shop")).toBe(200);
  await set("acme/shop", "");
  expect(await status("acme/shop")).toBe(401);
  expect(visitor.cookies.size).toBe(0);
});

test("those of the machine's own repositories are for who is at it, unless they say otherwise", async () => {
  const local = { shop: manifest(), open: manifest({ stats: "public" }) };
  const statuses = async (config: object) => {
    const scenario = await createTestAppWithGitHub({ local, config });
    const ask = async (repo: string) => (await scenario.browser().get(`/local/apps/${repo}/stats.csv`)).status;
    const all = [await ask("shop"), await ask("open")];
    await scenario.close();
    return all;
  };
  expect(await statuses({})).toEqual([200, 200]);
  expect(await statuses({ origin: "https://slipway.example" })).toEqual([403, 200]);
});

test("what is private is kept by no cache, and an image has a policy of its own", async () => {
  const page = await ada.get("/github.com/acme/shop/stats");
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(page.headers.get("content-security-policy")).toContain("style-src 'self'");
  const chart = await ada.get("/github.com/acme/shop/stats/outcomes.svg");
  expect(chart.headers.get("content-type")).toContain("image/svg+xml");
  expect(chart.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(chart.headers.get("cache-control")).toContain("private");
  expect((await ada.get("/github.com/acme/shop/stats/nothing.svg")).status).toBe(404);
});

test("the twin is as described, with outcomes of every kind in it", async () => {
  const of = { repo: "github.com/acme/shop", cloud: "aws", region: "eu-west-1", version: "=cmd|x" };
  for (let n = 0; n < 6; n++) countStart(here.db, of, at);
  const failure = { reason: "no", message: "-1+1, no", next: "Try again.", fault: "cloud" as const };
  for (let n = 0; n < 5; n++) countFailure(here.db, of, at, failure);
  const twin = StatsTwin.parse(await (await ada.getJson("/github.com/acme/shop/stats")).json());
  expect(twin.months.versions).toEqual([
    { version: "=cmd|x", start: 5, success: 0, failure: 5, removal: 0 },
    { version: null, start: 1, success: 0, failure: 0, removal: 0 },
  ]);
  expect(twin.failures).toMatchObject([{ count: 5, message: "-1+1, no", clouds: [{ id: "aws", count: 5 }] }]);
  const csv = async (table: string) => (await ada.get(`/github.com/acme/shop/stats.csv?table=${table}`)).text();
  expect(await csv("versions")).toBe(`version,start,success,failure,removal\r\n"'=cmd|x",5,0,5,0\r\n,1,0,0,0\r\n`);
  expect(await csv("failures")).toContain(`aws,5,2026-11-20,cloud,"'-1+1, no",Try again.`);
});
