import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import { assetRoutes } from "../../routes/http/assets.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { configurePage } from "../../views/repositories/configure.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import * as data from "./view-data.ts";

// The scripts run against a server that plays a deployment and can go down in the middle of it.

const withBrowser = needs("chromium");
const routes = assetRoutes();
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'";

interface PlayedEvent {
  event: "step" | "log" | "state";
  data: object;
}

let browser: Browser;
let context: BrowserContext;
let server: Server;
let port = 0;
let streams: ServerResponse[] = [];
/** Everything the deployment has said so far; the id of an event is its place, from 43 on. */
let events: PlayedEvent[] = [];
let requestedPaths: string[] = [];
/** Replays every event to every client, whatever Last-Event-ID says. */
let replayAll = false;
let pages: Record<string, (url: URL) => unknown> = {};
const firstEventId = data.deploymentData.lastEvent + 1;

async function respond(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "", "http://here");
  requestedPaths.push(url.pathname + url.search);
  if (url.pathname.startsWith("/assets/")) {
    const asset = await routes.request(url.pathname);
    response.setHeader("content-type", asset.headers.get("content-type") ?? "");
    response.end(await asset.text());
  } else if (url.pathname.endsWith("/events")) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const after = Number(request.headers["last-event-id"] ?? url.searchParams.get("after"));
    for (const index of events.keys()) if (replayAll || firstEventId + index > after) write(response, index);
    streams.push(response);
  } else {
    const page = pages[url.pathname];
    response.writeHead(page ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
    });
    response.end(page ? String(await page(url)) : "");
  }
}

function write(response: ServerResponse, index: number) {
  const event = events[index];
  if (event)
    response.write(`id: ${firstEventId + index}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
}

function emit(event: PlayedEvent["event"], what: object) {
  events.push({ event, data: what });
  for (const stream of streams) write(stream, events.length - 1);
}

async function startServer() {
  server = createServer(respond).listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  port = (server.address() as { port: number }).port;
}

async function stopServer() {
  for (const stream of streams) stream.destroy();
  streams = [];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const openPage = async (path: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}${path}`);
  return page;
};

const partText = (page: Page, part: string) => page.locator(`[data-part="${part}"]`).first().textContent();
const stepRow = (page: Page, name: string) => page.locator(`[data-step="${name}"]`);

beforeEach(async () => {
  [events, requestedPaths, pages, replayAll] = [[], [], {}, false];
  await startServer();
  browser ??= await launchChromium();
  context = await browser.newContext({ viewport: { width: 768, height: 900 } });
  context.setDefaultTimeout(10_000);
});
afterEach(async () => {
  await context.close();
  await stopServer();
});
afterAll(async () => {
  await browser?.close();
});

describe("the page of a running deployment", () => {
  const path = "/deployments/d7f3k";
  const running = () => deploymentPage({ ...data.deploymentData, now: new Date("2026-11-22T13:08:41.000Z") });

  withBrowser(
    "shows each step as it happens, as text",
    async () => {
      pages[path] = running;
      const page = await openPage(path);
      expect(await stepRow(page, "release").getAttribute("data-state")).toBe("waiting");
      emit("step", { name: "database", state: "done", message: "available" });
      emit("step", { name: "release", state: "running", message: "<b>rake</b> db:migrate" });
      await page.waitForSelector('[data-step="release"][data-state="running"]');
      expect(await partText(page, "reached")).toBe("5");
      expect(await page.locator("progress").getAttribute("value")).toBe("5");
      expect(await partText(page, "doing")).toBe("Run the release job");
      expect(await stepRow(page, "release").locator(".words").textContent()).toBe("<b>rake</b> db:migrate");
      expect(await stepRow(page, "release").textContent()).toContain("in progress");
      expect(requestedPaths).toContain("/deployments/d7f3k/events?after=42");
    },
    30_000,
  );

  withBrowser(
    "counts removed steps out of those that started",
    async () => {
      const steps = data.deploymentRemoving.steps.map((stepData, index) => ({
        ...stepData,
        state: index < 5 ? ("done" as const) : ("waiting" as const),
      }));
      pages[path] = () => deploymentPage({ ...data.deploymentRemoving, steps });
      const page = await openPage(path);
      expect(await page.locator("[role=status]").textContent()).toContain("0 of 5 steps removed");
      emit("step", { name: "cache", state: "removed" });
      emit("step", { name: "web", state: "removed" });
      await expect.poll(() => page.locator("[role=status]").textContent()).toContain("2 of 6 steps removed");
      expect(await page.locator("progress").getAttribute("max")).toBe("6");
    },
    30_000,
  );

  withBrowser(
    "measures time by the server's clock",
    async () => {
      pages[path] = running;
      const page = await openPage(path);
      await expect.poll(() => partText(page, "elapsed"), { timeout: 10_000 }).toMatch(/^8:4[2-9]$/);
      expect(await stepRow(page, "database").locator(".time").textContent()).toMatch(/^(6:59|7:0\d)$/);
      expect(await stepRow(page, "network").locator(".time").textContent()).toBe("0:41");
    },
    30_000,
  );

  withBrowser(
    "keeps the last 500 log lines, as text, and scrolls with them",
    async () => {
      pages[path] = running;
      const page = await openPage(path);
      for (let index = 0; index < 600; index++) emit("log", { line: `<i>line ${index}</i>` });
      await expect.poll(() => partText(page, "log"), { timeout: 30_000 }).toMatch(/line 599<.i>$/);
      const lines = ((await partText(page, "log")) ?? "").split("\n");
      expect(lines).toHaveLength(500);
      expect(lines[0]).toBe("<i>line 100</i>");
      const distanceFromEnd = await page.locator('[data-part="log"]').evaluate((log) => {
        const { scrollHeight, clientHeight, scrollTop } = log as unknown as Record<string, number>;
        return Number(scrollHeight) - Number(clientHeight) - Number(scrollTop);
      });
      expect(distanceFromEnd).toBeLessThan(2);
    },
    30_000,
  );

  withBrowser(
    "reconnects in two tabs after the server was down",
    async () => {
      pages[path] = running;
      const tabs = [await openPage(path), await openPage(path)];
      emit("log", { line: "before" });
      for (const tab of tabs) await expect.poll(() => partText(tab, "log"), { timeout: 30_000 }).toMatch(/before$/);
      await stopServer();
      replayAll = true;
      events.push({ event: "log", data: { line: "while it was away" } });
      await startServer();
      for (const tab of tabs) {
        await expect.poll(() => partText(tab, "log"), { timeout: 30_000 }).toMatch(/away$/);
        expect((await partText(tab, "log"))?.match(/before/g)).toHaveLength(1);
      }
    },
    60_000,
  );

  withBrowser(
    "reconnects after an error response of a proxy",
    async () => {
      pages[path] = running;
      let isProxyDown = true;
      const page = await context.newPage();
      await page.route("**/events?*", (route) =>
        isProxyDown ? route.fulfill({ status: 502, body: "" }) : route.continue(),
      );
      await page.goto(`http://127.0.0.1:${port}${path}`);
      emit("log", { line: "said" });
      isProxyDown = false;
      await expect.poll(() => partText(page, "log"), { timeout: 30_000 }).toMatch(/said$/);
    },
    60_000,
  );

  withBrowser(
    "reloads the page at the end and then makes no more requests",
    async () => {
      pages[path] = running;
      const page = await openPage(path);
      pages[path] = () => deploymentPage(data.deploymentSucceeded);
      emit("state", { state: "succeeded", url: "https://example.com/" });
      await page.waitForSelector("a.open");
      expect(await page.title()).toContain("is running on AWS");
      requestedPaths = [];
      await page.waitForTimeout(1500);
      expect(requestedPaths).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    "waits for the server before it reloads",
    async () => {
      pages[path] = running;
      const page = await openPage(path);
      delete pages[path];
      emit("state", { state: "failed" });
      await page.waitForTimeout(1200);
      expect(await page.title()).toContain("Deploying Discourse");
      pages[path] = () => deploymentPage(data.deploymentFailed);
      await page.waitForSelector(`h1:has-text("wasn't deployed to AWS")`);
    },
    60_000,
  );
});

describe("the configure page", () => {
  const path = "/github.com/discourse/discourse/aws";

  withBrowser(
    "shows another region's plan and keeps typed values",
    async () => {
      pages[path] = (url) =>
        configurePage({
          ...data.configureData,
          plan: {
            ...data.configureData.plan,
            region: url.searchParams.get("region") ?? "eu-west-1",
            monthly: url.searchParams.get("region") === "us-east-1" ? 70 : 76.67,
          },
        });
      const page = await openPage(path);
      await page.fill("[name='env[DISCOURSE_SMTP_PASSWORD]']", "hunter2");
      await page.focus("#region");
      await page.selectOption("#region", "us-east-1");
      await page.waitForSelector("tfoot:has-text('$70.00')");
      expect(await page.inputValue("[name='env[DISCOURSE_SMTP_PASSWORD]']")).toBe("hunter2");
      expect(await page.locator("form.deploy [name=region]").inputValue()).toBe("us-east-1");
      expect(await page.locator(":focus").getAttribute("id")).toBe("region");
      expect(page.url()).toContain("region=us-east-1");
      expect(page.url()).not.toContain("hunter2");
      await page.reload();
      expect(await page.locator("tfoot").textContent()).toContain("$70.00");
    },
    30_000,
  );

  withBrowser(
    "focuses the error summary, whose links lead to the fields",
    async () => {
      pages[path] = () => configurePage(data.configureWrong);
      const page = await openPage(path);
      expect(await page.locator(":focus").getAttribute("aria-labelledby")).toBe("summary-title");
      await page.click("a:has-text('DISCOURSE_SMTP_PORT')");
      expect(await page.locator(":focus, :target").last().getAttribute("name")).toBe("env[DISCOURSE_SMTP_PORT]");
    },
    30_000,
  );
});

withBrowser(
  "the copy button copies the text and confirms it",
  async () => {
    pages["/app"] = () => appPage(data.appData);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await openPage("/app");
    await page.click("button:has-text('Copy')");
    await page.waitForSelector("button:has-text('Copied')");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(data.appData.snippet.markdown);
  },
  30_000,
);
