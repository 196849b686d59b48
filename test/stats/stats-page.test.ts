import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { livesThrough } from "../../bench/traffic.ts";
import { openDb } from "../../src/data/db.ts";
import { anApp } from "../harness/apps.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { aPlan } from "../harness/scripted-cloud.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const withBrowser = needs("chromium");
const { dataDir, dispose } = createDataDir();
const day = 24 * 3600_000;
const today = new Date().toISOString().slice(0, 10);
let server: TestServer;
let browser: Browser;
let page: string;

beforeAll(async () => {
  const db = openDb(join(dataDir, "slipway.db"));
  await livesThrough(db, {
    from: new Date(Date.parse(today) - 40 * day).toISOString().slice(0, 10),
    ...{ days: 40, badges: 8000, visits: 900, deployments: 160, seed: 3, lines: 1 },
    app: anApp({ source: { ...anApp().source, repo: "hello" } }),
    plan: (cloud, region) => ({ ...aPlan, cloud, region }),
  });
  db.$client.close();
  server = await serve({ port: await freePort(), dataDir });
  page = `${server.origin}/local/examples/hello/stats?days=90`;
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server.end();
  dispose();
}, 60_000);

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    withBrowser(
      `with numbers everywhere axe finds nothing serious, every chart is drawn, and nothing sticks out: ${colorScheme}, ${width} px`,
      async () => {
        browser ??= await launchChromium();
        const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
        const tab = await context.newPage();
        await tab.goto(page);
        for (const table of await tab.locator("details").all()) await table.evaluate("node => { node.open = true }");
        await tab.waitForFunction("[...document.images].every((image) => image.complete)");
        const images = await tab.locator("img").evaluateAll((all) =>
          all.map((image) => {
            const { naturalWidth, alt } = image as unknown as { naturalWidth: number; alt: string };
            return { naturalWidth, alt };
          }),
        );
        expect(images).toHaveLength(4);
        for (const { naturalWidth, alt } of images)
          expect([alt, naturalWidth]).toEqual([alt, width === 360 ? 328 : 696]);
        expect(Number(await tab.evaluate("document.documentElement.scrollWidth"))).toBeLessThanOrEqual(width);
        await tab.evaluate(axe);
        const { violations } = (await tab.evaluate("axe.run()")) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
        await context.close();
      },
      120_000,
    );

withBrowser(
  "a number that changes is shown without a reload, and who reads a table keeps it open",
  async () => {
    browser ??= await launchChromium();
    const tab = await (await browser.newContext()).newPage();
    const errors: string[] = [];
    tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await tab.goto(page);
    await tab.locator("summary").first().click();
    const visits = tab.locator("#live-numbers dd").nth(1);
    const before = Number((await visits.innerText()).replace(",", ""));
    const chart = await tab.locator("#live-visits img").getAttribute("src");
    await (
      await browser.newContext({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" })
    )
      .newPage()
      .then((other) => other.goto(`${server.origin}/local/examples/hello`));
    for (let tries = 0; Number((await visits.innerText()).replace(",", "")) !== before + 1; tries++) {
      expect(tries, "the new number is shown some time").toBeLessThan(200);
      await tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await tab.waitForTimeout(100);
    }
    expect(await tab.locator("#live-visits img").getAttribute("src")).not.toBe(chart);
    expect(await tab.locator("details").first().getAttribute("open")).not.toBeNull();
    expect(errors).toEqual([]);
  },
  60_000,
);

withBrowser(
  "without script the range is chosen all the same, by keyboard",
  async () => {
    browser ??= await launchChromium();
    const tab = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await tab.goto(page);
    await tab.getByRole("link", { name: "7 days" }).focus();
    await tab.keyboard.press("Enter");
    await tab.waitForURL("**/stats?days=7");
    expect(await tab.locator("#live-numbers").innerText()).toContain("Badge loads");
    await tab.getByLabel("From", { exact: true }).fill("2020-01-01");
    await tab.getByLabel("to", { exact: true }).fill("2020-01-31");
    await tab.getByRole("button", { name: "Show" }).press("Enter");
    await tab.waitForURL("**/stats?from=2020-01-01&to=2020-01-31");
    expect(await tab.locator("main").innerText()).toContain("Nothing was counted in this period.");
  },
  60_000,
);
