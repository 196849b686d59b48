import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { findLeftovers, noLeftovers } from "../clouds/local/leftover-processes.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";
import { createWebhookReceiver, type Received } from "../harness/webhook-receiver.ts";

// As a maintainer does it, with `npm start` on a machine of one's own and a server beside it that receives.

const { dataDir, dispose } = createDataDir();
let server: TestServer;
let there: Awaited<ReturnType<typeof createWebhookReceiver>>;
let browser: Browser;

beforeAll(async () => {
  there = await createWebhookReceiver();
  server = await serve({ port: await freePort(), dataDir });
});
afterAll(async () => {
  await browser?.close();
  await server.end();
  there.close();
  dispose();
});

for (const javaScriptEnabled of [true, false])
  needs("chromium")(
    `a webhook is added, hears of a deployment, and hears of it again (${javaScriptEnabled ? "with" : "without"} script)`,
    async () => {
      browser ??= await launchChromium();
      const context = await browser.newContext({ javaScriptEnabled });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      const from = there.all.length;
      await page.goto(`${server.origin}/local/examples/hello/webhooks`);
      await page.fill("[name=url]", there.url);
      await page.uncheck("[value='deployment.removed']");
      await page.click("button:has-text('Add webhook')");
      const secret = (await page.locator("pre[aria-label=Secret]").textContent()) ?? "";
      await page.click("button:has-text('Send a ping')");
      await page.waitForSelector("li:has-text('ping') .tag:has-text('delivered')");
      const own = page.url();
      expect(await page.content()).not.toContain(secret);

      await page.goto(`${server.origin}/local/examples/hello/local`);
      await page.fill("[name='env[NAME_OF_HOST]']", "Ada Lovelace");
      await page.click("button:has-text('Deploy')");
      await there.received("deployment.started");
      const deployment = new URL(page.url()).pathname.split("/")[2] ?? "";
      const mine = () => there.all.slice(from);
      await expect
        .poll(() => mine().map(({ type }) => type), { timeout: 60_000 })
        .toEqual(["ping", "deployment.started", "deployment.succeeded"]);
      for (const received of mine()) there.verify(received, secret);
      const { body, data } = mine()[2] as Received;
      expect(data).toMatchObject({ repo: "local/examples/hello", cloud: "local", state: "succeeded", attempt: 1 });
      for (const personal of ["Ada", "Lovelace", deployment, "127.0.0.1"]) expect(body).not.toContain(personal);

      await page.goto(own);
      const row = page.locator(".deliveries > li", { hasText: "deployment.succeeded" });
      await row.locator("summary").click();
      expect(await row.locator("pre").first().textContent()).toContain('"state": "succeeded"');
      await row.locator("button:has-text('Redeliver')").click();
      await expect.poll(() => mine().length, { timeout: 30_000 }).toBe(4);
      expect(mine()[3]).toMatchObject({ id: mine()[2]?.id, body });
      await page.goto(own);
      await row.locator("summary").click();
      expect(await row.locator(".attempts > li").count()).toBe(2);

      await page.click("summary:has-text('Delete webhook')");
      await page.click("button:has-text('Delete webhook')");
      await page.waitForSelector("text=No webhooks yet.");
      const { url } = (await (
        await fetch(`${server.origin}/deployments/${deployment}`, { headers: { accept: "application/json" } })
      ).json()) as { url: string };
      await fetch(`${server.origin}/deployments/${deployment}/removal`, { method: "POST" });
      await (await fetch(`${server.origin}/deployments/${deployment}/events`)).text();
      expect(await findLeftovers(dataDir, deployment, url)).toEqual(noLeftovers);
      expect(mine()).toHaveLength(4);
    },
    120_000,
  );
