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
  const start = async (repo: string, env: Record<string, string>) => {
    const order = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ repo, cloud: "local", env }),
    };
    const { id } = (await (await fetch(`${server.origin}/deployments`, order)).json()) as { id: string };
    // Read to its end, the stream says when the deployment has come to rest.
    await (await fetch(`${server.origin}/deployments/${id}/events`)).text();
    return id;
  };
  // Where nobody listens, so that its page has something to say.
  const added = await fetch(`${server.origin}/local/examples/hello/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url: `http://localhost:${await freePort()}/hook`, types: ["deployment.succeeded"] }),
  });
  const webhook = ((await added.json()) as { webhook: { id: string } }).webhook.id;
  const good = await start("local/examples/hello", { NAME_OF_HOST: "Ada" });
  const bad = await start("local/examples/fails", {});
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
    `/deployments/${good}`,
    `/deployments/${good}/removal`,
    `/deployments/${bad}`,
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
    `axe finds nothing serious on any page, ${colorScheme}`,
    async () => {
      browser ??= await launchChromium();
      const context = await browser.newContext({
        colorScheme,
        bypassCSP: true,
        viewport: { width: 768, height: 1024 },
      });
      const page = await context.newPage();
      const found: string[] = [];
      for (const path of pages) {
        await page.goto(server.origin + path);
        found.push(...(await seriousViolations(page)));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );

withBrowser(
  "no page is wider than a phone of 360 px",
  async () => {
    browser ??= await launchChromium();
    const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    const wide: string[] = [];
    for (const path of pages) {
      await page.goto(server.origin + path);
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      if (width > 360) wide.push(`${path}: ${width}`);
    }
    expect(wide).toEqual([]);
  },
  60_000,
);
