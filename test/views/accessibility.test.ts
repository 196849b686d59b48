import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { seriousViolations } from "../harness/axe.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

const withBrowser = needs("chromium");
const { dataDir, dispose } = createDataDir();
let server: TestServer;
let browser: Browser;
let pages: string[] = [];

beforeAll(async () => {
  server = await serve({ port: await freePort(), dataDir });
  const deploy = async (repo: string, env: Record<string, string>) => {
    const request = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ repo, cloud: "local", env }),
    };
    const { id } = (await (await fetch(`${server.origin}/deployments`, request)).json()) as { id: string };
    // The stream ends when the deployment does.
    await (await fetch(`${server.origin}/deployments/${id}/events`)).text();
    return id;
  };
  // Nothing listens on the port, so that the page has a failed delivery.
  const created = await fetch(`${server.origin}/local/examples/hello/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url: `http://localhost:${await freePort()}/hook`, types: ["deployment.succeeded"] }),
  });
  const webhook = ((await created.json()) as { webhook: { id: string } }).webhook.id;
  const succeeded = await deploy("local/examples/hello", { NAME_OF_HOST: "Ada" });
  const failed = await deploy("local/examples/fails", {});
  pages = [
    "/",
    "/?repo=https://gitlab.com/o/r",
    "/local/examples/hello",
    "/local/examples/guestbook",
    "/local/examples/hello/manifest",
    "/local/examples/hello/local",
    "/local/examples/guestbook/local",
    "/local/examples/hello/badge",
    "/local/examples/hello/stats",
    "/local/examples/hello/settings",
    "/local/examples/hello/report",
    "/operator",
    "/account",
    "/local/examples/hello/webhooks",
    `/local/examples/hello/webhooks/${webhook}`,
    "/local/examples/nothing",
    `/deployments/${succeeded}`,
    `/deployments/${succeeded}/removal`,
    `/deployments/${failed}`,
    "/nothing",
  ];
}, 120_000);

afterAll(async () => {
  await browser?.close();
  for (const id of pages.flatMap((page) => page.match(/^\/deployments\/(\w+)$/)?.[1] ?? [])) {
    await fetch(`${server.origin}/deployments/${id}/removal`, { method: "POST" });
    await (await fetch(`${server.origin}/deployments/${id}/events`)).text();
  }
  await server.end();
  dispose();
}, 60_000);

for (const colorScheme of ["light", "dark"] as const)
  withBrowser(
    `axe finds no serious violation on any page, ${colorScheme}`,
    async () => {
      browser ??= await launchChromium();
      const context = await browser.newContext({
        colorScheme,
        bypassCSP: true,
        viewport: { width: 768, height: 1024 },
      });
      const page = await context.newPage();
      const violations: string[] = [];
      for (const path of pages) {
        await page.goto(server.origin + path);
        violations.push(...(await seriousViolations(page)));
      }
      expect(violations).toEqual([]);
    },
    120_000,
  );

withBrowser(
  "no page is wider than 360 px",
  async () => {
    browser ??= await launchChromium();
    const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    const tooWide: string[] = [];
    for (const path of pages) {
      await page.goto(server.origin + path);
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      if (width > 360) tooWide.push(`${path}: ${width}`);
    }
    expect(tooWide).toEqual([]);
  },
  60_000,
);
