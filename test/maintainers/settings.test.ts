import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SettingsTwin } from "../../routes/openapi/maintainer-schemas.ts";
import { effectiveSettings, isOffered, noteFor } from "../../src/settings.ts";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";

const manifest = (settings: object, name = "Shop") => ({
  "app.json": JSON.stringify({ name, cloud: { settings } }),
  Procfile: "web: x",
});

let here: Awaited<ReturnType<typeof createTestAppWithGitHub>>;
let ada: ReturnType<typeof here.browser>;
let eve: ReturnType<typeof here.browser>;
beforeAll(async () => {
  here = await createTestAppWithGitHub({
    repos: {
      "acme/shop": { files: manifest({}), branches: { next: manifest({}, "Next") } },
      "acme/said": { files: manifest({ preset: "standard", notes: { heroku: "Told by the file." }, stats: "public" }) },
      "acme/pinned": {
        files: manifest({ ref: "HEAD" }),
        tags: { v1: manifest({ ref: "HEAD" }, "One") },
        release: "v1",
      },
      "acme/late": { files: manifest({}, "Late"), tags: { v1: { "notes.txt": "x" } }, release: "v1" },
      "other/app": { files: manifest({}) },
    },
    users: { ada: { id: 7, push: ["acme/shop", "acme/said", "acme/pinned"] }, eve: { id: 9, push: ["other/app"] } },
    local: { hello: { "app.json": '{"name":"Hello"}', Procfile: "web: x" } },
  });
  ada = here.browser();
  eve = here.browser();
  await ada.signIn("ada");
  await eve.signIn("eve");
});
afterAll(() => here.close());

const text = async (answer: Response | Promise<Response>) => (await (await answer).text()).replace(/\s+/g, " ");
const page = "/github.com/acme/shop/settings";
const set = (path: string, body: object) =>
  here.app.request(`http://localhost:8080${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      cookie: [...ada.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    },
  });

describe("the page of settings", () => {
  test("is for those who may push, and leads others to where they can sign in", async () => {
    const stranger = await here.browser().get(`${page}?x=1`);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("cache-control")).toBe("no-store");
    expect(await text(stranger)).toContain(`href="/sign-in?to=${encodeURIComponent(`${page}?x=1`)}"`);
    const other = await eve.get(page);
    expect(other.status).toBe(403);
    expect(await text(other)).toContain("eve doesn&#39;t have write access to acme/shop");
    expect((await eve.post(page, { stats: "public" })).status).toBe(403);
    expect((await here.browser().post(page, { stats: "public" })).status).toBe(401);
    expect((await ada.get(page)).status).toBe(200);
    expect((await ada.get("/github.com/other/app/settings")).status).toBe(403);
    expect((await ada.get("/github.com/acme/nothing/settings")).status).toBe(404);
    expect((await ada.get("/github.com/-/x/settings")).status).toBe(400);
    expect(here.slipway.settingsOf("github.com/acme/shop")).toBeUndefined();
  });

  test("takes nothing from another site", async () => {
    const foreign = await ada.post(page, { stats: "public" }, { origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    expect(here.slipway.settingsOf("github.com/acme/shop")).toBeUndefined();
  });

  test("keeps what the form says, says who saved it, and shows it again", async () => {
    const saved = await ada.post("/github.com/Acme/SHOP/settings", [
      ["clouds", "hide"],
      ["offer", "nowhere"],
      ["note[script]", "Forbids\r\nproxies."],
      ["note[other]", "left out"],
      ["preset", "standard"],
      ["stats", "public"],
      ["ref", " next "],
    ]);
    expect(saved.status).toBe(303);
    expect(saved.headers.get("location")).toBe(`${page}?saved`);
    const fromManifest = {
      hide: ["script"],
      notes: { script: "Forbids\nproxies." },
      preset: "standard",
      stats: "public",
    };
    expect(here.slipway.settingsOf("github.com/acme/shop")).toMatchObject({
      repo: "github.com/acme/shop",
      by: "ada",
      settings: { ...fromManifest, ref: "next" },
    });
    const again = await text(ada.get(`${page}?saved`));
    expect(again).toContain('Saved by <span dir="auto">ada</span>');
    expect(again).toMatch(/value="standard" selected/);
    expect(SettingsTwin.parse(await (await ada.getJson(page)).json()).page).toEqual({ ...fromManifest, ref: "next" });
    await set(page, {});
  });

  test("takes a changed tick for what it is, also under “everywhere”", async () => {
    await ada.post(page, [["clouds", ""]]);
    expect(here.slipway.settingsOf("github.com/acme/shop")?.settings).toEqual({ hide: ["script"] });
    await ada.post(page, [
      ["clouds", ""],
      ["offer", "script"],
    ]);
    expect(here.slipway.settingsOf("github.com/acme/shop")?.settings).toEqual({});
  });

  test("takes JSON as well, and says what is wrong with it", async () => {
    expect(await (await set(page, { hide: ["aws"] })).json()).toMatchObject({ effective: { hide: ["aws"] } });
    for (const wrong of [
      { stats: "yes" },
      { ref: "a..b" },
      { unknown: 1 },
      [],
      "x",
      { notes: { script: "x".repeat(1001) } },
    ])
      expect([wrong, (await set(page, wrong as object)).status]).toEqual([wrong, 422]);
    expect(here.slipway.settingsOf("github.com/acme/shop")?.settings).toEqual({ hide: ["aws"] });
    const typed = await ada.post(page, { ref: "a..b", stats: "public" });
    expect(typed.status).toBe(422);
    const shown = await text(typed);
    expect(shown).toContain("Nothing was saved.");
    expect(shown).toContain('value="a..b"');
    await set(page, {});
  });

  test("can be left at once: after an hour without the right, it is closed", async () => {
    expect((await ada.get(page)).status).toBe(200);
    here.fake.person("ada", { id: 7, push: [] });
    here.pass(3_600_000);
    expect((await ada.get(page)).status).toBe(403);
    expect((await ada.post(page, { stats: "public" })).status).toBe(403);
    here.fake.person("ada", { id: 7, push: ["acme/shop", "acme/said", "acme/pinned"] });
    here.pass(60_000);
    expect((await ada.get(page)).status).toBe(200);
  });

  test("ends the session of who took their permission back on GitHub", async () => {
    const gone = here.browser();
    here.fake.person("gus", { id: 11, push: ["acme/shop"] });
    await gone.signIn("gus");
    here.fake.revoke("gus");
    expect((await gone.get(page)).status).toBe(401);
    expect((await gone.get("/account")).status).toBe(401);
  });

  test("stays open when a pinned ref is gone, so that it can be mended", async () => {
    await set(page, { ref: "gone" });
    expect((await ada.get("/github.com/acme/shop")).status).toBe(404);
    expect(await text(ada.get(page))).toContain("no branch, tag or commit “gone”");
    await set(page, {});
    expect((await ada.get("/github.com/acme/shop")).status).toBe(200);
  });

  test("of a repository on this machine belongs to who is at it, and to nobody when others can reach us", async () => {
    expect((await here.browser().get("/local/apps/hello/settings")).status).toBe(403);
    const home = await createTestAppWithGitHub({
      local: { hello: { Procfile: "web: x" } },
      config: { localCloud: true },
    });
    expect((await home.browser().get("/local/apps/hello/settings")).status).toBe(200);
    await home.browser().post("/local/apps/hello/settings", { preset: "standard" });
    expect(home.slipway.settingsOf("local/apps/hello")).toMatchObject({
      by: "local",
      settings: { preset: "standard" },
    });
    await home.close();
    const open = await createTestAppWithGitHub({
      local: { hello: { Procfile: "web: x" } },
      config: { localCloud: true, origin: "https://slipway.example" },
    });
    expect((await open.app.request("https://slipway.example/local/apps/hello/settings")).status).toBe(403);
    await open.close();
  });
});

describe("what is set", () => {
  const home = "/github.com/acme/shop";
  const order = { repo: "github.com/acme/shop", cloud: "script" };

  test("takes a cloud away: from the page, its form, its badge, its stack and from orders, with the reason", async () => {
    const button = await text(here.get(`${home}/badge.svg?cloud=local`));
    await set(page, { hide: ["script", "local"], notes: { script: "It forbids proxies." } });
    const shown = await text(here.get(home));
    expect(shown).toContain("The maintainers don't offer this app on Script: It forbids proxies.");
    expect(shown).not.toContain(`href="${home}/script"`);
    expect(await (await here.getJson(home)).json()).toMatchObject({ clouds: [] });
    for (const path of [`${home}/script`, `${home}/script/stack`]) {
      const closed = await here.get(path);
      expect([path, closed.status]).toEqual([path, 403]);
      expect(await text(closed)).toContain("It forbids proxies.");
    }
    const refused = await here.postJson("/deployments", order);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ problems: [{ path: "cloud", message: "It forbids proxies." }] });
    expect((await here.postForm("/deployments", order)).status).toBe(403);
    expect(await text(here.get(`${home}/badge.svg?cloud=local`))).toContain("not offered there");
    expect(await text(here.get(`${home}/badge.svg`))).not.toContain("not offered there");
    await set(page, {});
    expect(await text(here.get(`${home}/badge.svg?cloud=local`))).toBe(button);
    expect((await here.postJson("/deployments", order)).status).toBe(201);
  });

  test("may allow some clouds only", async () => {
    await set(page, { allow: ["aws"] });
    expect((await here.get(`${home}/script`)).status).toBe(403);
    await set(page, { allow: ["script"] });
    expect((await here.get(`${home}/script`)).status).toBe(200);
    await set(page, {});
  });

  test("chooses a preset that the visitor may change", async () => {
    await set(page, { preset: "production" });
    const preset = async (query = "") =>
      ((await (await here.getJson(`${home}/script${query}`)).json()) as { plan: { preset: string } }).plan.preset;
    expect(await text(here.get(`${home}/script`))).toContain('name="preset" value="production"');
    expect(await preset()).toBe("production");
    expect(await preset("?preset=economy")).toBe("economy");
    const ordered = async (more: object) => {
      const { id } = (await (await here.postJson("/deployments", { ...order, ...more })).json()) as { id: string };
      return here.slipway.deployments.find(id)?.preset;
    };
    expect(await ordered({})).toBe("production");
    expect(await ordered({ preset: "economy" })).toBe("economy");
    await set(page, {});
  });

  test("tells visitors about a cloud, on the page, at the form and in both twins", async () => {
    await set(page, { notes: { script: 'Closes accounts <b>"quickly"</b>.' } });
    for (const path of [home, `${home}/script`]) {
      const shown = await text(here.get(path));
      expect(shown).toContain("Closes accounts &lt;b&gt;");
      expect(JSON.stringify(await (await here.getJson(path)).json())).toContain("Closes accounts <b>");
    }
    await set(page, {});
    expect(await text(here.get(home))).not.toContain("Closes accounts");
  });

  test("pins a ref where the address names none", async () => {
    await set(page, { ref: "next" });
    expect(await text(here.get(home))).toContain('<h1 dir="auto">Next</h1>');
    expect(await text(here.get(`${home}?ref=main`))).toContain('<h1 dir="auto">Shop</h1>');
    const { commit } = here.slipway.deployments.find(
      ((await (await here.postJson("/deployments", order)).json()) as { id: string }).id,
    ) ?? { commit: "" };
    expect(commit).toBe(here.fake.commit("acme/shop", "next"));
    await set(page, {});
  });

  test("in the file counts, until the page says something else", async () => {
    const path = "/github.com/acme/said/settings";
    expect(await (await ada.getJson(path)).json()).toEqual({
      page: {},
      file: { preset: "standard", notes: { heroku: "Told by the file." }, stats: "public" },
      effective: { preset: "standard", notes: { heroku: "Told by the file." }, stats: "public" },
    });
    expect(await text(ada.get(path))).toContain('Manifest: <b dir="auto">standard</b></p>');
    await set(path, { preset: "economy" });
    expect(await text(ada.get(path))).toContain("standard</b> · overridden here");
  });

  test("opens the stats to everybody, or closes what the file had opened", async () => {
    const visitor = here.browser();
    const open = async (repo: string) => (await visitor.get(`/github.com/acme/${repo}/stats`)).status;
    expect([await open("said"), await open("shop")]).toEqual([200, 401]);
    await set("/github.com/acme/said/settings", { stats: "private" });
    await set(page, { stats: "public" });
    expect([await open("said"), await open("shop")]).toEqual([401, 200]);
    expect((await eve.get("/github.com/acme/said/stats")).status).toBe(403);
    expect((await ada.get("/github.com/acme/said/stats")).status).toBe(200);
    await set(page, {});
  });

  test("by default is the latest release, unless the file or what can be deployed says otherwise", async () => {
    expect(await text(here.get("/github.com/acme/pinned"))).toContain('<h1 dir="auto">Shop</h1>');
    await set("/github.com/acme/pinned/settings", { ref: "latest-release" });
    expect(await text(here.get("/github.com/acme/pinned"))).toContain('<h1 dir="auto">One</h1>');
    expect(await text(here.get("/github.com/acme/late"))).toContain('<h1 dir="auto">Late</h1>');
  });
});

test("the page wins over the file, key by key, and clouds are one thing", () => {
  const file = { allow: ["aws"], preset: "standard", notes: { aws: "a", gcp: "b" }, stats: "public" } as const;
  const both = effectiveSettings({ hide: ["gcp"], notes: { aws: "page" } }, { ...file, allow: [...file.allow] });
  expect(both).toEqual({
    allow: undefined,
    hide: ["gcp"],
    preset: "standard",
    notes: { aws: "page", gcp: "b" },
    stats: "public",
  });
  expect(isOffered(both, "aws")).toBe(true);
  expect(isOffered(both, "gcp")).toBe(false);
  expect(isOffered({ allow: [] }, "aws")).toBe(false);
  expect(noteFor(both, "constructor")).toBeNull();
});
