import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import { assetFiles } from "../../routes/http/assets.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { configurePage } from "../../views/repositories/configure.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import * as data from "./view-data.ts";

// The scripts, against a server that says what a deployment would say, and can be taken away in the middle of it.

const withBrowser = needs("chromium");
const assetRoutes = assetFiles();
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'";

interface Said {
  event: "step" | "log" | "state";
  data: object;
}

let browser: Browser;
let context: BrowserContext;
let server: Server;
let port = 0;
let streams: ServerResponse[] = [];
/** Everything the deployment has said so far; the id of an event is its place, from 43 on. */
let events: Said[] = [];
let asked: string[] = [];
/** Tells everybody everything from the start, whatever they have heard. */
let forgetful = false;
let pages: Record<string, (url: URL) => unknown> = {};
const first = data.deploymentData.lastEvent + 1;

async function answer(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "", "http://here");
  asked.push(url.pathname + url.search);
  if (url.pathname.startsWith("/assets/")) {
    const asset = await assetRoutes.request(url.pathname);
    response.setHeader("content-type", asset.headers.get("content-type") ?? "");
    response.end(await asset.text());
  } else if (url.pathname.endsWith("/events")) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const after = Number(request.headers["last-event-id"] ?? url.searchParams.get("after"));
    for (const index of events.keys()) if (forgetful || first + index > after) write(response, index);
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
  const said = events[index];
  if (said) response.write(`id: ${first + index}\nevent: ${said.event}\ndata: ${JSON.stringify(said.data)}\n\n`);
}

function say(event: Said["event"], what: object) {
  events.push({ event, data: what });
  for (const stream of streams) write(stream, events.length - 1);
}

async function up() {
  server = createServer(answer).listen(port, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  port = (server.address() as { port: number }).port;
}

async function down() {
  for (const stream of streams) stream.destroy();
  streams = [];
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

const open = async (path: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}${path}`);
  return page;
};

const text = (page: Page, part: string) => page.locator(`[data-part="${part}"]`).first().textContent();
const step = (page: Page, name: string) => page.locator(`[data-step="${name}"]`);

beforeEach(async () => {
  [events, asked, pages, forgetful] = [[], [], {}, false];
  await up();
  browser ??= await launchChromium();
  context = await browser.newContext({ viewport: { width: 768, height: 900 } });
  context.setDefaultTimeout(10_000);
});
afterEach(async () => {
  await context.close();
  await down();
});
afterAll(async () => {
  await browser?.close();
});

describe("the page of a running deployment", () => {
  const path = "/deployments/d7f3k";
  const running = () => deploymentPage({ ...data.deploymentData, now: new Date("2026-11-22T13:08:41.000Z") });

  withBrowser(
    "says each step as it comes, as text",
    async () => {
      pages[path] = running;
      const page = await open(path);
      expect(await step(page, "release").getAttribute("data-state")).toBe("waiting");
      say("step", { name: "database", state: "done", message: "available" });
      say("step", { name: "release", state: "running", message: "<b>rake</b> db:migrate" });
      await page.waitForSelector('[data-step="release"][data-state="running"]');
      expect(await text(page, "reached")).toBe("5");
      expect(await page.locator("progress").getAttribute("value")).toBe("5");
      expect(await text(page, "doing")).toBe("Run the release job");
      expect(await step(page, "release").locator(".words").textContent()).toBe("<b>rake</b> db:migrate");
      expect(await step(page, "release").textContent()).toContain("under way");
      expect(asked).toContain("/deployments/d7f3k/events?after=42");
    },
    30_000,
  );

  withBrowser(
    "counts what is taken away, of what was begun",
    async () => {
      const steps = data.deploymentRemoving.steps.map((each, index) => ({
        ...each,
        state: index < 5 ? ("done" as const) : ("waiting" as const),
      }));
      pages[path] = () => deploymentPage({ ...data.deploymentRemoving, steps });
      const page = await open(path);
      expect(await page.locator("[role=status]").textContent()).toContain("0 of 5 steps removed");
      say("step", { name: "cache", state: "removed" });
      say("step", { name: "web", state: "removed" });
      await expect.poll(() => page.locator("[role=status]").textContent()).toContain("2 of 6 steps removed");
      expect(await page.locator("progress").getAttribute("max")).toBe("6");
    },
    30_000,
  );

  withBrowser(
    "counts the time by the server's clock",
    async () => {
      pages[path] = running;
      const page = await open(path);
      await expect.poll(() => text(page, "elapsed"), { timeout: 10_000 }).toMatch(/^8:4[2-9]$/);
      expect(await step(page, "database").locator(".time").textContent()).toMatch(/^(6:59|7:0\d)$/);
      expect(await step(page, "network").locator(".time").textContent()).toBe("0:41");
    },
    30_000,
  );

  withBrowser(
    "keeps the last 500 lines of the log, as text, and follows them",
    async () => {
      pages[path] = running;
      const page = await open(path);
      for (let index = 0; index < 600; index++) say("log", { line: `<i>line ${index}</i>` });
      await expect.poll(() => text(page, "log"), { timeout: 30_000 }).toMatch(/line 599<.i>$/);
      const lines = ((await text(page, "log")) ?? "").split("\n");
      expect(lines).toHaveLength(500);
      expect(lines[0]).toBe("<i>line 100</i>");
      const below = await page.locator('[data-part="log"]').evaluate((log) => {
        const { scrollHeight, clientHeight, scrollTop } = log as unknown as Record<string, number>;
        return Number(scrollHeight) - Number(clientHeight) - Number(scrollTop);
      });
      expect(below).toBeLessThan(2);
    },
    30_000,
  );

  withBrowser(
    "goes on by itself, in two tabs, when the server was away",
    async () => {
      pages[path] = running;
      const tabs = [await open(path), await open(path)];
      say("log", { line: "before" });
      for (const tab of tabs) await expect.poll(() => text(tab, "log"), { timeout: 30_000 }).toMatch(/before$/);
      await down();
      forgetful = true;
      events.push({ event: "log", data: { line: "while it was away" } });
      await up();
      for (const tab of tabs) {
        await expect.poll(() => text(tab, "log"), { timeout: 30_000 }).toMatch(/away$/);
        expect((await text(tab, "log"))?.match(/before/g)).toHaveLength(1);
      }
    },
    60_000,
  );

  withBrowser(
    "comes back when a proxy answered for the server",
    async () => {
      pages[path] = running;
      let away = true;
      const page = await context.newPage();
      await page.route("**/events?*", (route) => (away ? route.fulfill({ status: 502, body: "" }) : route.continue()));
      await page.goto(`http://127.0.0.1:${port}${path}`);
      say("log", { line: "said" });
      away = false;
      await expect.poll(() => text(page, "log"), { timeout: 30_000 }).toMatch(/said$/);
    },
    60_000,
  );

  withBrowser(
    "shows the server's own page once it is over, and then rests",
    async () => {
      pages[path] = running;
      const page = await open(path);
      pages[path] = () => deploymentPage(data.deploymentSucceeded);
      say("state", { state: "succeeded", url: "https://example.com/" });
      await page.waitForSelector("a.open");
      expect(await page.title()).toContain("is running on AWS");
      asked = [];
      await page.waitForTimeout(1500);
      expect(asked).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    "waits with that until the server answers again",
    async () => {
      pages[path] = running;
      const page = await open(path);
      delete pages[path];
      say("state", { state: "failed" });
      await page.waitForTimeout(1200);
      expect(await page.title()).toContain("is on its way");
      pages[path] = () => deploymentPage(data.deploymentFailed);
      await page.waitForSelector("h1:has-text('did not get to AWS')");
    },
    60_000,
  );
});

describe("the form", () => {
  const path = "/github.com/discourse/discourse/aws";

  withBrowser(
    "shows another region's plan and keeps what was typed",
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
      const page = await open(path);
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
    "has the keyboard at the list of mistakes, and each leads to its field",
    async () => {
      pages[path] = () => configurePage(data.configureWrong);
      const page = await open(path);
      expect(await page.locator(":focus").getAttribute("aria-labelledby")).toBe("summary-title");
      await page.click("a:has-text('DISCOURSE_SMTP_PORT')");
      expect(await page.locator(":focus, :target").last().getAttribute("name")).toBe("env[DISCOURSE_SMTP_PORT]");
    },
    30_000,
  );
});

withBrowser(
  "copying copies the text, and says so",
  async () => {
    pages["/app"] = () => appPage(data.appData);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await open("/app");
    await page.click("button:has-text('Copy')");
    await page.waitForSelector("button:has-text('Copied')");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(data.appData.snippet.markdown);
  },
  30_000,
);
