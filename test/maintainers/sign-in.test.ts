import { afterAll, beforeAll, expect, test } from "vitest";
import { AccountTwin } from "../../routes/openapi/maintainer-schemas.ts";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";
import { createTestApp, origin } from "../harness/test-app.ts";

let here: Awaited<ReturnType<typeof createTestAppWithGitHub>>;
beforeAll(async () => {
  here = await createTestAppWithGitHub({
    repos: { "octo/app": { files: { Procfile: "web: x" } } },
    users: { ada: { id: 7, push: ["octo/app"] }, bob: { id: 8 } },
  });
});
afterAll(() => here.close());

const text = async (answer: Response | Promise<Response>) => (await (await answer).text()).replace(/\s+/g, " ");
const rows = () => here.db.$client.prepare("SELECT * FROM sessions").all();

test("who signs in with GitHub comes back to the page they wanted, and is known there", async () => {
  const ada = here.browser();
  const back = await ada.signIn("ada", `?to=${encodeURIComponent("/account?x=1")}`);
  expect(back.status).toBe(303);
  expect(back.headers.get("location")).toBe(`${origin}/account?x=1`);
  expect([...ada.cookies.keys()]).toEqual(["slipway_session"]);
  expect(await text(ada.get("/account"))).toContain(`You're signed in as <b dir="auto">ada</b>`);
  expect(AccountTwin.parse(await (await ada.getJson("/account")).json())).toEqual({
    login: "ada",
    sessions: [{ created: "2026-11-22T12:00:00.000Z", used: "2026-11-22", scope: "", current: true }],
  });
});

test("GitHub is asked for nothing beyond what is public, with PKCE and a state", async () => {
  const away = await here.browser().get("/sign-in");
  const url = new URL(away.headers.get("location") ?? "");
  expect(away.headers.get("cache-control")).toBe("no-store");
  expect(url.href).toContain(`${here.fake.url}/login/oauth/authorize?`);
  expect(url.searchParams.get("scope")).toBe("");
  expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  expect(url.searchParams.get("state")).toMatch(/^[\w-]{32}$/);
});

test("more is asked for only where it is needed, and takes the place of what was there", async () => {
  const ada = here.browser();
  await ada.signIn("ada");
  const before = ada.cookies.get("slipway_session");
  const count = rows().length;
  const tokens = here.fake.tokensOf("ada");
  await ada.signIn("ada", "?scope=public_repo");
  expect(ada.cookies.get("slipway_session")).not.toBe(before);
  await expect.poll(() => here.fake.tokensOf("ada"), { timeout: 15_000 }).toBe(tokens);
  expect(rows()).toHaveLength(count);
  expect(await text(ada.get("/account"))).toContain("can write to your public repositories");
  const odd = await here.browser().get("/sign-in?scope=repo,admin:org");
  expect(new URL(odd.headers.get("location") ?? "").searchParams.get("scope")).toBe("");
});

test("no secret is in the database, and none in the address", async () => {
  const ada = here.browser();
  const back = await ada.signIn("ada");
  const stored = JSON.stringify(rows());
  expect(stored).not.toContain(ada.cookies.get("slipway_session"));
  expect(stored).not.toContain("gho_");
  expect(back.headers.get("location")).toBe(`${origin}/account`);
});

test("the cookie is out of reach of scripts and other sites, and over https bound to the host", async () => {
  const cookieOf = async (base: string) => {
    const secure = await createTestAppWithGitHub({ users: { ada: { id: 7 } }, config: { origin: base } });
    const { secret } = secure.slipway.sessions.begin({ user: 7, login: "ada", token: "x", scope: "" });
    secure.pass(2 * 24 * 3600 * 1000);
    const name = base.startsWith("https") ? "__Host-slipway_session" : "slipway_session";
    const answer = await secure.app.request(`${base}/account`, { headers: { cookie: `${name}=${secret}` } });
    await secure.close();
    return answer.headers.get("set-cookie")?.replace(secret, "SECRET");
  };
  expect(await cookieOf("https://slipway.example")).toBe(
    "__Host-slipway_session=SECRET; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax",
  );
  expect(await cookieOf(origin)).toBe("slipway_session=SECRET; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example/",
  "/.//evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "http://localhost:8080@evil.example/",
  "/sign-in?to=/sign-in",
  "/sign-out",
])("nobody is led to %s", async (to) => {
  const back = await here.browser().signIn("ada", `?to=${encodeURIComponent(to)}`);
  expect(back.headers.get("location")).toBe(`${origin}/account`);
});

test("an answer that was not begun in this browser signs nobody in", async () => {
  const [ada, eve] = [here.browser(), here.browser()];
  here.fake.signInAs("bob");
  const away = await eve.get("/sign-in");
  const consent = await fetch(away.headers.get("location") ?? "", { redirect: "manual" });
  const planted = consent.headers.get("location") ?? "";
  const none = await ada.get(planted);
  expect(none.status).toBe(400);
  expect(await text(none)).toContain("This sign-in was started in another browser or has expired.");
  await ada.get("/sign-in");
  const other = await ada.get(planted);
  expect(other.status).toBe(400);
  expect(await text(other)).toContain("belongs to another attempt");
  expect(ada.cookies.has("slipway_session")).toBe(false);
});

test("the way back works once, and for ten minutes", async () => {
  const ada = here.browser();
  here.fake.signInAs("ada");
  const away = await ada.get("/sign-in");
  const consent = await fetch(away.headers.get("location") ?? "", { redirect: "manual" });
  const callback = consent.headers.get("location") ?? "";
  const stale = here.browser();
  for (const [name, value] of ada.cookies) stale.cookies.set(name, value);
  expect((await ada.get(callback)).status).toBe(303);
  expect((await ada.get(callback)).status).toBe(400);
  // Even with the cookie kept back, GitHub takes a code once.
  const again = await stale.get(callback);
  expect(again.status).toBe(400);
  expect(await text(again)).toContain("was used already, or is too old");
  const late = here.browser();
  await late.get("/sign-in");
  here.pass(600_000);
  expect((await late.get(callback)).status).toBe(400);
});

test("a session that somebody planted is worth nothing after signing in", async () => {
  const [eve, ada] = [here.browser(), here.browser()];
  await eve.signIn("bob");
  const planted = eve.cookies.get("slipway_session") ?? "";
  ada.cookies.set("slipway_session", planted);
  await ada.signIn("ada");
  expect(ada.cookies.get("slipway_session")).not.toBe(planted);
  expect((await eve.get("/account")).status).toBe(401);
  const made = here.browser();
  made.cookies.set("slipway_session", "A".repeat(43));
  await made.signIn("ada");
  expect(made.cookies.get("slipway_session")).not.toBe("A".repeat(43));
});

test.each(["", "nonsense", "A".repeat(43), `${"A".repeat(43)}; x=y`, "%00", "é"])(
  "a cookie of %s is nobody",
  async (value) => {
    const browser = here.browser();
    browser.cookies.set("slipway_session", value);
    expect((await browser.get("/account")).status).toBe(401);
  },
);

test("signing out ends this session, everywhere ends them all, and neither follows a link", async () => {
  const [one, two, bob] = [here.browser(), here.browser(), here.browser()];
  await one.signIn("ada");
  await two.signIn("ada");
  await bob.signIn("bob");
  const copy = here.browser();
  for (const [name, value] of one.cookies) copy.cookies.set(name, value);
  expect((await one.get("/sign-out")).status).toBe(404);
  expect((await one.post("/sign-out", {}, { origin: "https://evil.example" })).status).toBe(403);
  expect((await one.get("/account")).status).toBe(200);
  expect((await one.post("/sign-out")).headers.get("location")).toBe("/");
  expect(one.cookies.size).toBe(0);
  expect((await copy.get("/account")).status).toBe(401);
  expect((await two.get("/account")).status).toBe(200);
  await two.post("/sign-out/everywhere");
  expect((await two.get("/account")).status).toBe(401);
  expect((await bob.get("/account")).status).toBe(200);
});

test("what GitHub gave is given back, and signing out does not wait for a GitHub that is down", async () => {
  const [one, two, three] = [here.browser(), here.browser(), here.browser()];
  here.fake.person("gus", { id: 21 });
  for (const browser of [one, two, three]) await browser.signIn("gus");
  expect(here.fake.tokensOf("gus")).toBe(3);
  await one.post("/sign-out");
  await expect.poll(() => here.fake.tokensOf("gus")).toBe(2);
  await two.post("/sign-out/everywhere");
  await expect.poll(() => here.fake.tokensOf("gus")).toBe(0);
  const down = await createTestAppWithGitHub({ users: { gus: { id: 21 } } });
  const last = down.browser();
  await last.signIn("gus");
  await down.close();
  expect((await last.post("/sign-out")).status).toBe(303);
  expect((await last.get("/account")).status).toBe(401);
});

test("who says no at GitHub, and a GitHub that is down, is told so with the way to try again", async () => {
  const no = await here.browser().signIn(undefined, "?to=/github.com/octo/app/settings");
  expect(no.status).toBe(400);
  const said = await text(no);
  expect(said).toContain("You declined the sign-in at GitHub.");
  expect(said).toContain('href="/sign-in?to=%2Fgithub.com%2Focto%2Fapp%2Fsettings"');
  const down = here.browser();
  here.fake.misbehave((request) => (request.url.endsWith("/user") ? new Response("", { status: 502 }) : undefined));
  const answer = await down.signIn("ada");
  here.fake.misbehave();
  expect(answer.status).toBe(400);
  expect(await text(answer)).toContain("GitHub has a problem of its own");
  expect(down.cookies.has("slipway_session")).toBe(false);
});

test("a callback full of nonsense is a sentence", async () => {
  for (const query of ["", "?code=x", "?state=x&code=y", "?error=<script>", `?state=${"x".repeat(5000)}`]) {
    const browser = here.browser();
    await browser.get("/sign-in");
    const answer = await browser.get(`/sign-in/callback${query}`);
    expect([query.slice(0, 20), answer.status]).toEqual([query.slice(0, 20), 400]);
    expect(await answer.text()).not.toContain("<script>");
  }
  expect(here.bugs).toEqual([]);
});

test("signing in begins under the name that GitHub leads back to", async () => {
  const answer = await here.app.request("http://127.0.0.1:8080/sign-in?to=/x");
  expect(answer.headers.get("location")).toBe(`${origin}/sign-in?to=/x`);
});

test("without an OAuth app the pages say what the operator has to set", async () => {
  const closed = createTestApp();
  for (const path of ["/sign-in", "/sign-in/callback?code=x", "/account"]) {
    const answer = await closed.get(path);
    expect([path, answer.status]).toEqual([path, 403]);
    expect(await answer.text()).toContain("GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET");
  }
});

test("pages for visitors and badges set no cookie, ask for none, and do not say who is signed in", async () => {
  const ada = here.browser();
  await ada.signIn("ada");
  here.pass(2 * 24 * 3600 * 1000);
  for (const path of ["/", "/github.com/octo/app", "/github.com/octo/app/manifest", "/github.com/octo/app/badge.svg"]) {
    const answer = await ada.get(path);
    expect([path, answer.status, answer.headers.get("set-cookie")]).toEqual([path, 200, null]);
    expect(await answer.text()).not.toContain("Signed in as");
  }
  expect((await ada.get("/account")).headers.get("set-cookie")).toContain("slipway_session=");
});
