import { once } from "node:events";
import { createServer } from "node:http";
import { basename } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs } from "../harness/peers.ts";
import { serveReadmeWithBadge } from "../harness/readme.ts";
import { createDataDir } from "../harness/server.ts";
import { serveInProcess } from "../harness/server-in-process.ts";
import { appsFolder } from "../harness/test-app.ts";
import { createDesk, paperModule } from "./paper.ts";

// A cloud that the product does not know gets everything from its own file: the pages, the journey and the numbers.

const manifest = {
  name: "Shop",
  env: {
    GREETING: { description: "What the shop says first", value: "Welcome" },
    API_KEY: { description: "From your bank", required: true, secret: true },
  },
  addons: ["heroku-postgresql"],
};
const secret = "correct-horse-battery-staple";
const desk = createDesk();
const { dataDir, dispose } = createDataDir();
const reader = createServer((request, response) => {
  const isThere = desk.sheets.has(`${request.url?.split("/")[1]}/service-1`);
  response.writeHead(isThere ? 200 : 404, { "content-type": "text/html" });
  response.end(isThere ? "<h1>The shop is on paper</h1>" : "");
});
let server: Awaited<ReturnType<typeof serveInProcess>>;
let browser: Browser | undefined;
let appPath: string;

beforeAll(async () => {
  reader.listen(0, "127.0.0.1");
  await once(reader, "listening");
  const { port } = reader.address() as { port: number };
  const folder = appsFolder({ shop: { "app.json": JSON.stringify(manifest), Procfile: "web: node server.js" } });
  appPath = `/local/${basename(folder)}/shop`;
  const env = { LOCAL_REPOS: folder, PAPER_READER_URL: `http://127.0.0.1:${port}` };
  server = await serveInProcess({ modules: [paperModule(desk)], dataDir, env });
});
afterAll(async () => {
  await browser?.close();
  await server.end();
  expect(server.bugs).toEqual([]);
  reader.close();
  dispose();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.origin + path, { headers });
const textOf = async (path: string) => {
  const response = await get(path);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
};
const jsonOf = async (path: string) => (await get(path, { accept: "application/json" })).json();

test("its environment is read with everyone else's, and what is wrong with it is reported", () => {
  const [setting] = paperModule().settings;
  expect(setting).toMatchObject({ name: "PAPER_READER_URL", means: expect.any(String), unset: expect.any(String) });
  expect(() => readConfig({ PAPER_READER_URL: "here" }, [paperModule()])).toThrow('PAPER_READER_URL is "here"');
});

test("the app's page offers it with its price", async () => {
  expect(await textOf("/")).toContain("Slipway");
  const page = await textOf(appPath);
  expect(page).toContain("Paper and Pencil");
  expect(page).toContain("$0.75");
  expect(await jsonOf(appPath)).toMatchObject({ clouds: [{ id: "paper", monthly: 0.75, region: "desk" }] });
});

test("the configure page asks for its region, its presets and its access, and offers its letter", async () => {
  const page = await textOf(`${appPath}/paper`);
  for (const text of ["The drawer", "Production", "Your pen writes", "access[pen]", "/connect/paper", "lp letter.txt"])
    expect(page).toContain(text);
  expect(await jsonOf(`${appPath}/paper?region=drawer&preset=production`)).toMatchObject({
    plan: { cloud: "paper", region: "drawer", preset: "production", monthly: 3 },
  });
});

test("its stack and its export are served", async () => {
  expect(await jsonOf(`${appPath}/paper/stack`)).toEqual({
    sheets: [
      { step: "cover", title: "Cover sheet", kind: "resource" },
      expect.objectContaining({ step: "resource-1", kind: "resource" }),
      expect.objectContaining({ step: "service-1", kind: "service" }),
    ],
  });
  expect(await textOf(`${appPath}/paper/letter`)).toMatch(/^Dear printer, "Shop" needs:\n- "Cover sheet"\n/);
  expect((await get(`${appPath}/paper/script`)).status).toBe(404);
});

test("the page that prepares access is its own", async () => {
  expect(await textOf("/connect/paper")).toMatch(
    /<h1>Take a pen<.*Open the cup, and run:.*Write and shred <b>sheets<\/b>/s,
  );
  expect(await jsonOf("/connect/paper")).toMatchObject({ pen: expect.stringMatching(/^pen-\w{16}$/) });
});

test("a badge for it has its name and its mark", async () => {
  const badge = await textOf(`${appPath}/badge.svg?cloud=paper`);
  expect(badge).toContain("Deploy to Paper");
  expect(badge).toContain('d="M3 1h7l3 3v11H3z"');
});

needs("chromium")(
  "a visitor comes from the badge to the running app, removes it, and it is counted under the cloud's name",
  async () => {
    browser = await launchChromium();
    const context = await browser.newContext();
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const readme = await serveReadmeWithBadge(
      `${server.origin}${appPath}/badge.svg?cloud=paper`,
      `${server.origin}${appPath}`,
    );
    await page.goto(readme.url);
    await page.click("a");
    readme.close();
    await page.click("text=Paper and Pencil");

    const setup = await context.newPage();
    await setup.goto(`${server.origin}/connect/paper`);
    const pen = /pen-\w{16}/.exec(await setup.content())?.[0] ?? "";
    await setup.close();
    await page.fill("[name='access[pen]']", "a feather");
    await page.fill("[name='env[API_KEY]']", secret);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("text=This is no pen.");
    await page.fill("[name='access[pen]']", pen);
    await page.fill("[name='env[API_KEY]']", secret);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("a.open");
    const url = (await page.getAttribute("a.open", "href")) ?? "";
    const app = await context.newPage();
    await app.goto(url);
    expect(await app.textContent("h1")).toBe("The shop is on paper");
    await app.close();
    const sheets = [...desk.sheets.values()];
    expect(sheets).toHaveLength(3);
    for (const env of sheets) expect(env).toMatchObject({ GREETING: "Welcome", API_KEY: secret });
    expect(await page.content()).not.toContain(secret);

    expect(await jsonOf(`${appPath}/stats.json`)).toMatchObject({
      clouds: [{ id: "paper", start: 1, success: 1, failure: 0 }],
    });
    await page.goto(`${server.origin}${appPath}/stats`);
    expect(await page.textContent("main")).toContain("Paper and Pencil");
    await page.goBack();

    await page.click("text=Remove it");
    await page.fill("[name='access[pen]']", pen);
    await page.click("main form button[type=submit]");
    await page.waitForSelector("h1:has-text('was removed')");
    expect(desk.sheets.size).toBe(0);
    expect((await fetch(url)).status).toBe(404);
  },
  90_000,
);
