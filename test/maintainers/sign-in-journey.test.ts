import { createEmulator } from "emulate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { fakeGitHub } from "../fakes/github/github.ts";
import { seriousViolations } from "../harness/axe.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

// The server as an operator sets it up, signed in to with a real browser: at a GitHub we did not write, and at a strict one.

const withBrowser = needs("chromium");
const minutes = 120_000;
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, minutes);
afterAll(async () => browser?.close());

const people = (page: Page) => page.locator("main");
const open = async (origin: string, path: string) => {
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  const answer = await page.goto(origin + path);
  return { page, status: answer?.status() };
};

describe("at a GitHub we did not write", () => {
  const { dataDir, dispose } = createDataDir();
  let github: { url: string; close(): Promise<void> };
  let server: TestServer;
  let origin: string;
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const [client_id, client_secret] = ["slipway", "s".repeat(40)];
    github = await createEmulator({
      service: "github",
      port: 0,
      seed: {
        github: {
          // It takes a token it does not know for the first of them.
          users: [{ login: "nobody" }, { login: "ada", name: "Ada" }],
          repos: [{ owner: "ada", name: "app" }],
          oauth_apps: [{ client_id, client_secret, name: "Slipway", redirect_uris: [`${origin}/sign-in/callback`] }],
        },
      },
    });
    const env = {
      GITHUB_API_URL: github.url,
      GITHUB_OAUTH_URL: github.url,
      GITHUB_CLIENT_ID: client_id,
      GITHUB_CLIENT_SECRET: client_secret,
      OPERATORS: "ada",
    };
    server = await serve({ port, dataDir, env });
  }, minutes);
  afterAll(async () => {
    await server?.end();
    await github?.close();
    dispose();
  });

  withBrowser(
    "a maintainer signs in from the page they wanted, sets it, and signs out",
    async () => {
      const { page, status } = await open(origin, "/github.com/ada/app/settings");
      expect(status).toBe(401);
      await page.getByRole("link", { name: "Sign in with GitHub" }).click();
      expect(page.url()).toContain(github.url);
      await page.getByRole("button", { name: /ada/ }).click();
      await page.waitForURL(`${origin}/github.com/ada/app/settings`);
      expect(await page.getByText("Signed in as ada").count()).toBe(1);
      await page.getByLabel("Preset").selectOption("production");
      await page.getByRole("button", { name: "Save" }).click();
      expect(await page.getByRole("status").textContent()).toContain("Saved by ada");
      expect(await page.getByLabel("Preset").inputValue()).toBe("production");
      const faults = await seriousViolations(page);
      for (const path of ["/account", "/operator"]) {
        await page.goto(origin + path);
        faults.push(...(await seriousViolations(page)));
      }
      expect(faults).toEqual([]);
      expect(await page.evaluate("document.cookie")).toBe("");
      await page.getByRole("button", { name: "Sign out" }).click();
      expect((await page.goto(`${origin}/github.com/ada/app/settings`))?.status()).toBe(401);
    },
    minutes,
  );
});

describe("at a strict GitHub", () => {
  const { dataDir, dispose } = createDataDir();
  let github: Awaited<ReturnType<typeof fakeGitHub>>;
  let server: TestServer;
  let origin: string;
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const client = { id: "slipway", secret: "s".repeat(40), redirectUri: `${origin}/sign-in/callback` };
    const files = { "app.json": '{"name":"Shop"}', Procfile: "web: x" };
    github = await fakeGitHub({
      repos: { "acme/shop": { files }, "other/app": { files } },
      users: { ada: { id: 7, push: ["acme/shop"] }, eve: { id: 9, push: ["other/app"] }, root: { id: 1 } },
      client,
    });
    const env = {
      GITHUB_API_URL: github.url,
      GITHUB_OAUTH_URL: github.url,
      GITHUB_TOKEN: "good-token",
      GITHUB_CLIENT_ID: client.id,
      GITHUB_CLIENT_SECRET: client.secret,
      OPERATORS: "Root",
    };
    server = await serve({ port, dataDir, env });
  }, minutes);
  afterAll(async () => {
    await server?.end();
    await github?.close();
    dispose();
  });

  /** A browser of its own, signed in on the way to that page. */
  async function signedIn(login: string, path: string) {
    github.signInAs(login);
    const { page } = await open(origin, path);
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.waitForURL(origin + path);
    return page;
  }

  withBrowser(
    "maintainers see their own settings and nobody else's, and a withheld cloud is gone for visitors",
    async () => {
      const ada = await signedIn("ada", "/github.com/acme/shop/settings");
      const eve = await signedIn("eve", "/github.com/other/app/settings");
      expect((await eve.goto(`${origin}/github.com/acme/shop/settings`))?.status()).toBe(403);
      expect(await people(eve).textContent()).toContain("eve doesn't have write access to acme/shop");
      await ada.getByLabel("Selected clouds only").check();
      await ada.getByLabel("Offer on Amazon Web Services").uncheck();
      await ada
        .getByRole("group", { name: "Amazon Web Services" })
        .getByLabel("Note to visitors")
        .fill("Mail needs a domain there.");
      await ada.getByRole("button", { name: "Save" }).click();
      await ada.getByRole("status").waitFor();
      const { page: visitor } = await open(origin, "/github.com/acme/shop");
      expect(await people(visitor).textContent()).toContain(
        "don't offer this app on Amazon Web Services: Mail needs a domain there.",
      );
      expect((await visitor.goto(`${origin}/github.com/acme/shop/aws`))?.status()).toBe(403);
      expect((await visitor.goto(`${origin}/github.com/other/app/aws`))?.status()).toBe(200);
    },
    minutes,
  );

  withBrowser(
    "signing out everywhere closes the other browsers, too",
    async () => {
      const here = await signedIn("ada", "/github.com/acme/shop/settings");
      const there = await signedIn("ada", "/account");
      await there.getByRole("button", { name: "Sign out everywhere" }).click();
      await there.waitForURL(`${origin}/`);
      expect((await here.goto(`${origin}/github.com/acme/shop/settings`))?.status()).toBe(401);
    },
    minutes,
  );

  withBrowser(
    "a visitor reports a repository, an operator blocks it, and its badge and page say so",
    async () => {
      const { page: visitor } = await open(origin, "/github.com/other/app");
      await visitor.getByRole("link", { name: "Report this repository" }).click();
      const faults = await seriousViolations(visitor);
      await visitor.getByLabel("It harms whoever runs it, or others").check();
      await visitor.getByLabel("Details").fill("It mines coins.");
      await visitor.getByRole("button", { name: "Send" }).click();
      expect(await people(visitor).textContent()).toContain("Thank you");
      const root = await signedIn("root", "/operator");
      faults.push(...(await seriousViolations(root)));
      expect(faults).toEqual([]);
      expect(await people(root).textContent()).toContain("It mines coins.");
      await root.getByLabel("Reason for the block").fill("It mines coins.");
      await root.getByRole("button", { name: "Block repository" }).click();
      await root.getByRole("button", { name: "Unblock github.com/other/app" }).waitFor();
      const closed = await visitor.goto(`${origin}/github.com/other/app`);
      expect(closed?.status()).toBe(403);
      expect(await people(visitor).textContent()).toContain("has blocked other/app: It mines coins.");
      expect(await (await fetch(`${origin}/github.com/other/app/badge.svg?style=flat`)).text()).toContain("blocked");
      expect(await visitor.context().cookies()).toEqual([]);
    },
    minutes,
  );
});
