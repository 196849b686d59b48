import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterEach, expect } from "vitest";
import { fakeGcp } from "../../fakes/gcp/gcp.ts";
import { fakeGitHub } from "../../fakes/github/github.ts";
import { startOidcProvider } from "../../fakes/oauth.ts";
import { launchChromium } from "../../harness/browser.ts";
import { needs } from "../../harness/peers.ts";
import { serveReadmeWithBadge } from "../../harness/readme.ts";
import { createDataDir, freePort, serve } from "../../harness/server.ts";
import { createTlsInternet } from "../../harness/tls-internet.ts";

// A visitor's whole journey on Google Cloud: from the badge in a README through Google's consent to the app's own page,
// and back to a project without any of our resources.

const withBrowser = needs("chromium", "openssl");
const email = "visitor@example.com";
const client = { id: "slipway.apps.googleusercontent.com", secret: "GOCSPX-of-the-operator" };
const app = {
  "app.json": JSON.stringify({
    name: "Shop",
    description: "Sells things",
    env: {
      GREETING: { description: "What the shop says first" },
      PAYMENT_KEY: { description: "From your bank", value: "", required: true },
      SESSION_SECRET: { generator: "secret" },
    },
    addons: ["heroku-postgresql", "heroku-redis"],
  }),
  Dockerfile: 'FROM scratch\nEXPOSE 8080\nCMD ["/shop"]\n',
};
const answers = { GREETING: "A warm welcome to everybody", PAYMENT_KEY: "pk-live-51-correct-horse" };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanups.splice(0).reverse()) await close();
});

interface EnvironmentOptions {
  /** Whether the operator has an OAuth client. */
  connected?: boolean;
  javaScriptEnabled?: boolean;
  /** Whether a test may run its own script in our pages. */
  bypassCSP?: boolean;
  /** Milliseconds per second of work at Google. */
  pace?: number;
}

/** Starts Slipway in its own process, fakes of GitHub, Google and its consent page, a visitor's project and browser. */
async function startEnvironment({
  connected = true,
  javaScriptEnabled = true,
  bypassCSP = false,
  pace = 2,
}: EnvironmentOptions = {}) {
  const net = await createTlsInternet();
  cleanups.push(net.close);
  const github = await fakeGitHub({ repos: { "acme/shop": { files: app } } });
  cleanups.push(github.close);
  const gcp = await fakeGcp({ now: Date.now, pace });
  cleanups.push(gcp.close);
  const project = gcp.project();
  project.displayName = "Ada's things";
  const { dataDir, dispose } = createDataDir();
  cleanups.push(dispose);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const tokens: string[] = [];
  const google = await startOidcProvider({
    client,
    redirectUris: [`${origin}/connect/gcp/callback`],
    scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    email,
    gives(token) {
      tokens.push(token);
      gcp.acceptToken(token);
    },
  });
  cleanups.push(google.close);
  net.set([
    [
      /\.run\.app$/,
      async (request, response) => {
        const { status } = await gcp.fetch(`https://${request.headers.host}${request.url}`);
        response.writeHead(status, { "content-type": "text/html" }).end("<h1>The shop is open</h1>");
      },
    ],
  ]);
  const server = await serve({
    port,
    dataDir,
    env: {
      ...net.env,
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: "good-token",
      GOOGLE_API_URL: gcp.endpoint,
      GOOGLE_OAUTH_URL: google.issuer,
      ...(connected ? { GCP_CLIENT_ID: client.id, GCP_CLIENT_SECRET: client.secret } : {}),
    },
  });
  cleanups.push(() => server.end());
  const browser: Browser = await launchChromium(net.args);
  cleanups.push(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP, javaScriptEnabled });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const urls: string[] = [];
  context.on("request", (request) => void urls.push(request.url()));

  return {
    gcp,
    project,
    google,
    tokens,
    server,
    origin,
    page,
    context,
    urls,
    /** Returns the texts that the database, the log or a requested URL contains. */
    async findStored(texts: string[]) {
      await server.end();
      const files = readdirSync(dataDir).filter((name) => name.startsWith("slipway.db"));
      const kept = [server.output(), ...urls, ...files.map((name) => readFileSync(join(dataDir, name), "latin1"))];
      return texts.filter((text) => kept.some((candidate) => candidate.includes(text)));
    },
  };
}
type Environment = Awaited<ReturnType<typeof startEnvironment>>;

async function pressBadge({ page, origin }: Environment) {
  const appUrl = `${origin}/github.com/acme/shop`;
  const readme = await serveReadmeWithBadge(`${appUrl}/badge.svg`, appUrl);
  await page.goto(readme.url);
  await page.click("a");
  readme.close();
  await page.click("text=Google Cloud");
}

/** Consents at Google and returns. */
async function consent(page: Page, button: string) {
  await page.click(button);
  await page.waitForSelector("h1:has-text('Slipway wants access')");
  await page.click("button:has-text('Allow')");
}

async function fillIn(page: Page) {
  for (const [name, value] of Object.entries(answers)) await page.fill(`[name='env[${name}]']`, value);
}

/** Returns the content of every page on the way; none may contain a token. */
const seenContent = async ({ page, tokens }: Environment) => {
  const markup = await page.content();
  for (const token of tokens) expect(markup).not.toContain(token);
};

for (const javaScriptEnabled of [true, false])
  withBrowser(
    `${javaScriptEnabled ? "with" : "without"} script: from the badge by way of consent to the app, and away again`,
    async () => {
      const env = await startEnvironment({ javaScriptEnabled });
      const { page, context, gcp, project } = env;
      await pressBadge(env);
      expect(await page.locator("#plan tbody tr").count()).toBeGreaterThan(3);
      await consent(page, "a:has-text('Connect Google Cloud')");
      await page.waitForSelector(`text=Connected as ${email}`);
      await seenContent(env);
      await page.check("input[value='visitors-project']");
      await fillIn(page);
      await page.click("button:has-text('Deploy')");
      await page.waitForSelector("a.open", { timeout: 90_000 });
      await seenContent(env);
      const url = (await page.getAttribute("a.open", "href")) ?? "";
      expect(url).toMatch(/^https:\/\/shop-\w{8}-web-123456789012\.us-central1\.run\.app\/$/);
      const tab = await context.newPage();
      await tab.goto(url);
      expect(await tab.textContent("h1")).toBe("The shop is open");
      await tab.close();
      expect(gcp.inventory(project).length).toBeGreaterThan(10);

      await page.click("text=Remove it");
      await page.waitForSelector("h1:has-text('Remove Shop from Google Cloud?')");
      expect(await page.textContent("main")).toContain("visitors-project");
      await seenContent(env);
      await page.click("button:has-text('Delete app and data')");
      await page.waitForSelector("h1:has-text('was removed')", { timeout: 90_000 });
      await seenContent(env);
      expect(gcp.inventory(project)).toEqual([]);
      expect(gcp.bugs).toEqual([]);
      expect(env.tokens).toHaveLength(1);
      expect(await env.findStored([...env.tokens, ...Object.values(answers), client.secret, email])).toEqual([]);
    },
    180_000,
  );

withBrowser(
  "a token that ends in the middle: the page asks to connect again, and one press goes on with what is there",
  async () => {
    const env = await startEnvironment({ pace: 6 });
    const { page, gcp, project, tokens } = env;
    await pressBadge(env);
    await consent(page, "a:has-text('Connect Google Cloud')");
    await page.check("input[value='visitors-project']");
    await fillIn(page);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("h1:has-text('Deploying')");
    // In the middle of the longest operation.
    await expect
      .poll(() => gcp.inventory(project).some((name) => name.startsWith("sqladmin/")), { timeout: 30_000 })
      .toBe(true);
    gcp.expireTokens();
    await page.waitForSelector("h1:has-text('is waiting for access to')", { timeout: 60_000 });
    expect(await page.locator("button:has-text('Retry')").count()).toBe(0);
    const there = gcp.inventory(project);
    expect(there.length).toBeGreaterThan(0);
    await seenContent(env);
    await consent(page, "a:has-text('Reconnect and continue')");
    await page.click(`button:has-text('Continue as ${email}')`);
    await page.waitForSelector("a.open", { timeout: 90_000 });
    expect(tokens).toHaveLength(2);
    const inserts = gcp.requests.filter(({ call, status }) => call === "sqladmin.instances.insert" && status === 200);
    expect(inserts).toHaveLength(1);
    expect(gcp.inventory(project)).toEqual(expect.arrayContaining(there));

    // An hour has passed at the removal: the cookie and its sealed token have expired.
    await env.context.clearCookies();
    await page.click("text=Remove it");
    await consent(page, "a:has-text('Connect Google Cloud')");
    await page.click("button:has-text('Delete app and data')");
    await page.waitForSelector("h1:has-text('was removed')", { timeout: 90_000 });
    expect(gcp.inventory(project)).toEqual([]);
    expect(gcp.bugs).toEqual([]);
    expect(await env.findStored([...tokens, ...Object.values(answers)])).toEqual([]);
  },
  240_000,
);

withBrowser(
  "no to consent leads back; a new project is made and chosen; what fails is kept when that was chosen, and gone on with",
  async () => {
    const env = await startEnvironment();
    const { page, gcp } = env;
    await pressBadge(env);
    await page.click("a:has-text('Connect Google Cloud')");
    await page.click("button:has-text('Deny')");
    await page.waitForSelector("h1:has-text('Google Cloud is not connected')");
    expect(await page.textContent("main")).toContain("You did not give your consent");
    await consent(page, "a:has-text('Try again')");
    await page.click("summary:has-text('Make a new project')");
    await page.fill("[name='make[name]']", "My Shop");
    await page.click("button:has-text('Make this project')");
    const selected = page.locator("input[name='access[project]']:checked");
    await expect.poll(() => selected.getAttribute("value"), { timeout: 30_000 }).toMatch(/^my-shop-[0-9a-f]{8}$/);
    const id = (await selected.getAttribute("value")) ?? "";
    const created = gcp.google.projects.get(id);
    if (!created) throw new Error(`${id} was not made`);
    gcp.addNetwork(created, "default");
    for (const api of ["cloudresourcemanager", "serviceusage", "cloudbilling", "orgpolicy"])
      created.enabled.set(`${api}.googleapis.com`, 0);
    await fillIn(page);
    await page.check("input[name='access[keep]'][value='yes']");
    gcp.google.scenario.build = "The Dockerfile has a mistake.";
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector(`h1:has-text("wasn't deployed to")`, { timeout: 60_000 });
    expect(await page.textContent("main")).toContain("is kept, and costs what the plan says");
    const kept = gcp.inventory(created);
    expect(kept.length).toBeGreaterThan(0);
    gcp.google.scenario.build = null;
    await page.click("button:has-text('Retry')");
    await page.waitForSelector("a.open", { timeout: 90_000 });
    expect(gcp.inventory(created)).toEqual(expect.arrayContaining(kept));
    expect(gcp.bugs).toEqual([]);
  },
  240_000,
);

withBrowser(
  "without a client of the operator's, Google Cloud has its price and its plan, and the script",
  async () => {
    const env = await startEnvironment({ connected: false });
    const { page, origin } = env;
    await page.goto(`${origin}/github.com/acme/shop`);
    const offer = page.locator("li.offer", { hasText: "Google Cloud" });
    expect(await offer.locator(".price").textContent()).toMatch(/\$\d+\.\d\d\s+a month/);
    await offer.locator("a").click();
    expect(await page.textContent("section[aria-labelledby=access-title]")).toContain("isn't set up on this server");
    expect(await page.locator("button:has-text('Deploy')").count()).toBe(0);
    expect(await page.textContent("#by-hand pre code")).toContain(
      "/github.com/acme/shop/gcp/script?region=us-central1",
    );
    await page.selectOption("[name=region]", "europe-west1");
    await expect.poll(() => page.textContent("#by-hand pre code")).toContain("region=europe-west1");
    const link = await page.getAttribute("#by-hand a[download]", "href");
    const script = await fetch(new URL(link ?? "", origin));
    expect(script.headers.get("access-control-allow-origin")).toBe("*");
    expect(await script.text()).toMatch(/^#!\/usr\/bin\/env bash\n[\s\S]*REGION=\$\{REGION:-europe-west1\}/);
    const stack = await fetch(`${origin}/github.com/acme/shop/gcp/stack?region=europe-west1`);
    expect(stack.headers.get("access-control-allow-origin")).toBe("*");
    expect(await stack.json()).toMatchObject({ steps: expect.any(Array), health: null });
    expect((await fetch(`${origin}/connect/gcp`)).status).toBe(404);
    expect((await fetch(`${origin}/github.com/acme/shop/aws/script`)).status).toBe(404);
    expect(env.gcp.requests).toEqual([]);
  },
  60_000,
);

withBrowser(
  "axe finds nothing serious on the pages of an app on Google Cloud, and none is wider than a phone",
  async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const env = await startEnvironment({ bypassCSP: true, pace: 1 });
    const { page, gcp, origin } = env;
    const findStored: string[] = [];
    const checkPage = async (name: string) => {
      await page.setViewportSize({ width: 360, height: 740 });
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      if (width > 360) findStored.push(`${name} is ${width} wide`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe);
        const { violations } = (await page.evaluate("axe.run()")) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        for (const { id, impact, nodes } of violations)
          if (impact === "serious" || impact === "critical") findStored.push(`${name}: ${id} ${nodes[0]?.html}`);
      }
    };
    await page.goto(`${origin}/connect/gcp`);
    await checkPage("what is lent");
    await page.goto(`${origin}/github.com/acme/shop/gcp`);
    await checkPage("the plan before consent");
    await consent(page, "a:has-text('Connect Google Cloud')");
    await page.click("summary:has-text('Make a new project')");
    await checkPage("the form");
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("[role=alert]");
    await checkPage("the form with mistakes");
    await page.check("input[value='visitors-project']");
    await fillIn(page);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("h1:has-text('Deploying')");
    gcp.expireTokens();
    await page.waitForSelector("h1:has-text('is waiting for access to')", { timeout: 60_000 });
    await checkPage("a token that has ended");
    await page.click("text=Remove what was created");
    await page.waitForSelector("h1:has-text('Remove Shop')");
    await checkPage("its removal, before consent");
    await consent(page, "a:has-text('Connect Google Cloud')");
    await page.waitForSelector("h1:has-text('Remove Shop')");
    await checkPage("its removal");
    await page.goto(`${origin}/connect/gcp`);
    await checkPage("what is lent, by whom");
    await page.click("button:has-text('Disconnect')");
    await page.waitForSelector("text=Sign in with your Google account");
    expect(await env.google.knows(env.tokens.at(-1) ?? "")).toBe(false);
    expect(findStored).toEqual([]);
  },
  120_000,
);
