import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { findLeftovers, noLeftovers } from "../clouds/local/leftover-processes.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { serveReadmeWithBadge } from "../harness/readme.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

// The whole journey of a visitor: from the badge in a README to the running app and its removal.

const { dataDir, dispose } = createDataDir();
let server: TestServer;
let browser: Browser;

const withBrowser = needs("chromium");
const withData = needs("chromium", "postgres", "redis");

beforeAll(async () => {
  server = await serve({ port: await freePort(), dataDir });
});
afterAll(async () => {
  await browser?.close();
  await server.end();
  dispose();
});

async function visitor(options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  browser ??= await launchChromium();
  const context = await browser.newContext(options);
  context.setDefaultTimeout(30_000);
  return context.newPage();
}

async function pressBadge(page: Page, app: string) {
  const at = `${server.origin}/local/examples/${app}`;
  const readme = await serveReadmeWithBadge(`${at}/badge.svg`, at);
  await page.goto(readme.url);
  const image = page.locator("img");
  expect(
    await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
  ).toBeGreaterThan(60);
  await page.click("a");
  readme.close();
}

const idOf = (page: Page) => new URL(page.url()).pathname.split("/")[2] ?? "";

async function deploymentJson(page: Page) {
  const response = await fetch(`${server.origin}/deployments/${idOf(page)}`, {
    headers: { accept: "application/json" },
  });
  return (await response.json()) as { id: string; state: string; url: string };
}

async function readApp(page: Page): Promise<string> {
  const { url } = await deploymentJson(page);
  return (await fetch(url)).text();
}

describe("with scripts", () => {
  withBrowser(
    "hello: from the badge to the running app and its removal",
    async () => {
      const page = await visitor();
      await pressBadge(page, "hello");
      await page.click("text=This machine");
      await page.fill("[name='env[NAME_OF_HOST]']", "Ada & <friends>");
      await page.click("button:has-text('Deploy')");
      await page.waitForSelector("a.open");
      expect(await readApp(page)).toContain("Ada &amp; &lt;friends&gt;");
      const { id, url } = await deploymentJson(page);
      await page.click("text=Remove it");
      await page.click("button:has-text('Delete')");
      await page.waitForSelector("h1:has-text('was removed')");
      expect(await findLeftovers(dataDir, id, url)).toEqual(noLeftovers);
    },
    90_000,
  );

  withData(
    "guestbook: web, worker, database, cache and jobs",
    async () => {
      const page = await visitor();
      await pressBadge(page, "guestbook");
      await page.click("text=This machine");
      await page.click("button:has-text('Deploy')");
      await page.waitForSelector("a.open", { timeout: 150_000 });
      const { id, url } = await deploymentJson(page);
      const app = await visitor();
      await app.goto(url);
      await app.fill("[name=name]", "Grace");
      await app.fill("[name=message]", "Hello from the test <b>");
      await app.click("button");
      // The worker approves the message first.
      await expect
        .poll(() => app.reload().then(() => app.locator("body").textContent()), { timeout: 20_000 })
        .toContain("Hello from the test <b>");
      await page.click("text=Remove it");
      await page.click("button:has-text('Delete')");
      await page.waitForSelector("h1:has-text('was removed')");
      expect(await findLeftovers(dataDir, id, url)).toEqual(noLeftovers);
    },
    180_000,
  );

  withBrowser(
    "two tabs and a reload show the same state",
    async () => {
      const page = await visitor();
      await page.goto(`${server.origin}/local/examples/fails/local`);
      await page.click("button:has-text('Deploy')");
      const second = await page.context().newPage();
      await second.goto(page.url());
      for (const tab of [page, second]) await tab.waitForSelector(`h1:has-text("wasn't deployed to")`);
      const mainText = () => page.locator("main").textContent();
      const before = await mainText();
      await page.reload();
      expect(await mainText()).toBe(before);
      expect(await second.locator("main").textContent()).toBe(before);
      await page.click("button:has-text('Retry')");
      await page.waitForSelector(`h1:has-text("wasn't deployed to")`);
      await page.click("text=Remove what was created");
      await page.click("button:has-text('Delete')");
      await page.waitForSelector("h1:has-text('was removed')");
      expect(await findLeftovers(dataDir, idOf(page), null)).toEqual(noLeftovers);
    },
    90_000,
  );
});

describe("without scripts, by keyboard only", () => {
  /** Presses Tab until the focused element has this text or name. */
  async function tabTo(page: Page, label: string) {
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press("Tab");
      // Locators work although the page's scripts are disabled.
      const focused = page.locator(":focus");
      if ((await focused.count()) === 0) continue;
      const focusedText = `${await focused.textContent().catch(() => "")} ${await focused.getAttribute("name")}`;
      if (focusedText.includes(label)) return;
    }
    throw new Error(`Tab did not reach "${label}" on ${page.url()}`);
  }
  const enter = (page: Page) => Promise.all([page.waitForLoadState("load"), page.keyboard.press("Enter")]);

  for (const [app, declareTest, timeout] of [
    ["hello", withBrowser, 60_000],
    ["guestbook", withData, 180_000],
  ] as const)
    declareTest(
      `${app}: deployed and removed`,
      async () => {
        const page = await visitor({ javaScriptEnabled: false });
        await pressBadge(page, app);
        await tabTo(page, "This machine");
        await enter(page);
        if (app === "hello") {
          await tabTo(page, "env[NAME_OF_HOST]");
          await page.keyboard.type("Ada");
        }
        await tabTo(page, "Deploy to");
        await enter(page);
        // The page reloads until the deployment ends.
        await page.waitForSelector("a.open", { timeout });
        const { id, url } = await deploymentJson(page);
        expect(await readApp(page)).toContain("<html");
        await tabTo(page, "Remove it");
        await enter(page);
        await tabTo(page, "Delete");
        await enter(page);
        await page.waitForSelector("h1:has-text('was removed')");
        expect(await findLeftovers(dataDir, id, url)).toEqual(noLeftovers);
      },
      timeout,
    );
});
