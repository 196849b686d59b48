import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, expect } from "vitest";
import { fakeAws } from "../../fakes/aws/aws.ts";
import { fakeGitHub } from "../../fakes/github/github.ts";
import { launchChromium } from "../../harness/browser.ts";
import { needs } from "../../harness/peers.ts";
import { serveReadmeWithBadge } from "../../harness/readme.ts";
import { createDataDir, freePort, serve } from "../../harness/server.ts";
import { createTlsInternet, tlsTerminator } from "../../harness/tls-internet.ts";
import { console } from "./cloud-shell.ts";

// A visitor's whole journey on AWS: from the badge in a README to the app's own page, with each trust method, and back
// to an account without any of our resources.

const withBrowser = needs("chromium", "openssl");
const account = "111122223333";
const app = {
  "app.json": JSON.stringify({
    name: "Shop",
    description: "Sells things",
    env: {
      GREETING: { description: "What the shop says first" },
      PAYMENT_KEY: { description: "From your bank", value: "", required: true },
      SESSION_SECRET: { generator: "secret" },
    },
    addons: ["heroku-postgresql"],
  }),
  Dockerfile: 'FROM scratch\nEXPOSE 8080\nCMD ["/shop"]\n',
};
const answers = { GREETING: "A warm welcome to everybody", PAYMENT_KEY: "pk-live-51-correct-horse" };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanups.splice(0).reverse()) await close();
});

interface EnvironmentOptions {
  /** Whether Slipway has a public HTTPS origin; otherwise it is reachable from this machine only. */
  https?: boolean;
  /** Whether the operator has an AWS account. */
  operator?: boolean;
  bucket?: string;
  /** Milliseconds per second of work in AWS. */
  pace?: number;
  /** Whether a test may run its own script in our pages. */
  bypassCSP?: boolean;
}

/** Starts Slipway in its own process, fakes of GitHub and AWS, a visitor's account and their browser. */
async function startEnvironment({
  https = false,
  operator = false,
  bucket,
  pace = 10,
  bypassCSP = false,
}: EnvironmentOptions = {}) {
  const net = await createTlsInternet();
  cleanups.push(net.close);
  const github = await fakeGitHub({ repos: { "acme/shop": { files: app } } });
  cleanups.push(github.close);
  const reach = (address: string) => (address.startsWith("https:") ? net.fetch(address) : fetch(address));
  const aws = await fakeAws({ now: Date.now, fetch: reach as typeof fetch, pace });
  cleanups.push(aws.close);
  const visitor = console({ aws, account, fetch: reach });
  const operatorAccount = aws.account("999988887777");
  if (bucket) operatorAccount.account.buckets.set(bucket, { name: bucket, region: "us-east-1", versions: [] });
  const { dataDir, dispose } = createDataDir();
  cleanups.push(dispose);
  const port = await freePort();
  const origin = https ? "https://slipway.test" : `http://localhost:${port}`;
  net.set([
    [/^slipway\.test$/, tlsTerminator(port)],
    [/\.cloudfront\.net$/, (_, response) => response.end("<h1>The shop is open</h1>")],
    [/\.console\.aws\.amazon\.com$/, (_, response) => response.end("<h1>Quick create stack</h1>")],
  ]);
  const server = await serve({
    port,
    dataDir,
    env: {
      ...net.env,
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: "good-token",
      AWS_ENDPOINT_URL: aws.endpoint,
      ...(https ? { ORIGIN: origin } : {}),
      ...(operator
        ? {
            AWS_ACCESS_KEY_ID: operatorAccount.keys.accessKeyId,
            AWS_SECRET_ACCESS_KEY: operatorAccount.keys.secretAccessKey,
          }
        : {}),
      ...(bucket ? { AWS_TEMPLATES_BUCKET: bucket } : {}),
    },
  });
  cleanups.push(() => server.end());
  const browser: Browser = await launchChromium(net.args);
  cleanups.push(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();

  return {
    aws,
    visitor,
    server,
    dataDir,
    origin,
    page,
    context,
    /** Returns the resources in the visitor's account, apart from those that grant access. */
    inventory: () =>
      [...visitor.account.resources.keys()].filter((name) => !/lent-to-slipway|oidc-provider/.test(name)),
    /** Returns the texts that the database or the log contains. */
    async findStored(texts: string[]) {
      await server.end();
      const files = readdirSync(dataDir).filter((name) => name.startsWith("slipway.db"));
      const storedTexts = [server.output(), ...files.map((name) => readFileSync(join(dataDir, name), "latin1"))];
      return texts.filter((text) => storedTexts.some((candidate) => candidate.includes(text)));
    },
  };
}
type Environment = Awaited<ReturnType<typeof startEnvironment>>;

async function pressBadge({ page, origin }: Environment) {
  const appUrl = `${origin}/github.com/acme/shop`;
  const readme = await serveReadmeWithBadge(`${appUrl}/badge.svg`, appUrl);
  await page.goto(readme.url);
  const image = page.locator("img");
  expect(
    await image.evaluate((candidate) => (candidate as unknown as { naturalWidth: number }).naturalWidth),
  ).toBeGreaterThan(60);
  await page.click("a");
  readme.close();
}

async function fillIn(page: Page) {
  for (const [name, value] of Object.entries(answers)) await page.fill(`[name='env[${name}]']`, value);
}

/** Opens the connect page in its own tab, runs `lend` there and returns. */
async function connectAccount({ page, context }: Environment, connectInTab: (tab: Page) => Promise<void>) {
  const pageOpened = context.waitForEvent("page");
  await page.click("a:has-text('Connect')");
  const tab = await pageOpened;
  await tab.waitForSelector("h1:has-text('Connect your AWS')");
  await connectInTab(tab);
  await tab.close();
}

/** Presses the form's last button and watches the stack's events. */
async function deploy({ page }: Environment) {
  await page.fill("[name='access[account]']", "1111-2222-3333");
  await page.click("button:has-text('Deploy')");
  await page.waitForSelector("h1:has-text('Deploying')");
  await expect
    .poll(() => page.textContent("[data-part=log]"), { timeout: 20_000 })
    .toContain("LoadBalancer CREATE_COMPLETE");
}

const openStacks = ({ aws }: Environment) =>
  aws.engine.stacks.filter(({ name, status }) => name.startsWith("slipway-") && status !== "DELETE_COMPLETE");

async function openApp({ page, context }: Environment) {
  await page.waitForSelector("a.open", { timeout: 60_000 });
  await visitUrl(context, (await page.getAttribute("a.open", "href")) ?? "");
}

async function visitUrl(context: BrowserContext, url: string) {
  const tab = await context.newPage();
  await tab.goto(url);
  expect(await tab.textContent("h1")).toBe("The shop is open");
  await tab.close();
}

async function remove({ page }: Environment) {
  await page.fill("[name='access[account]']", account);
  await page.click("button:has-text('Delete')");
  await page.waitForSelector("h1:has-text('was removed')", { timeout: 60_000 });
}

/** Returns typed secrets and their encodings; none of them may remain at the end. */
async function secretsOf({ context }: Environment, subject: string) {
  const [{ value: key = "" } = {}] = (await context.cookies()).filter(({ name }) => name === "slipway_visitor");
  expect(key).toHaveLength(26);
  return [...Object.values(answers), account, subject, key];
}

withBrowser(
  "by OpenID Connect: from the badge to the app's own page, and away again, without a trace of what was typed",
  async () => {
    const env = await startEnvironment({ https: true });
    const { page, visitor, aws } = env;
    await pressBadge(env);
    await page.click("text=Amazon Web Services");
    await fillIn(page);
    let subject = "";
    await connectAccount(env, async (tab) => {
      const command = (await tab.locator(".snippet code").first().textContent()) ?? "";
      subject = /Visitor=(\S+)/.exec(command)?.[1] ?? "";
      await visitor.types(command);
    });
    await deploy(env);
    await openApp(env);
    expect(openStacks(env)).toHaveLength(1);
    expect(openStacks(env)[0]?.parameters).toMatchObject({ EnvPaymentKey: answers.PAYMENT_KEY });
    await page.click("text=Remove it");
    await remove(env);
    expect(env.inventory()).toEqual([]);
    expect(await visitor.deletes("us-east-1", "lend-to-slipway")).toBe("DELETE_COMPLETE");
    expect([...visitor.account.resources.keys()]).toEqual([]);
    expect(aws.calls.filter((call) => call === "AssumeRole")).toEqual([]);
    expect(aws.bugs).toEqual([]);
    expect(await env.findStored(await secretsOf(env, subject))).toEqual([]);
  },
  120_000,
);

withBrowser(
  "by an external id: a stack that fails says why and what is left, and trying again gets there",
  async () => {
    const env = await startEnvironment({ operator: true });
    const { page, visitor, aws } = env;
    await pressBadge(env);
    await page.click("text=Amazon Web Services");
    await fillIn(page);
    // No access is granted yet.
    await page.fill("[name='access[account]']", account);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("[role=alert]");
    expect(await page.textContent("#access-0-problem")).toContain("in this browser first");
    await page.fill("[name='env[PAYMENT_KEY]']", answers.PAYMENT_KEY);
    let subject = "";
    const otherAccount = console({ aws, account: "444455556666", fetch });
    await connectAccount(env, async (tab) => {
      const download = tab.waitForEvent("download");
      await tab.click("a:has-text('download the template')");
      const template = await text(await (await download).createReadStream());
      subject =
        (await tab
          .locator("code", { hasText: /^[a-z2-7]{24}$/ })
          .first()
          .textContent()) ?? "";
      for (const owner of [visitor, otherAccount])
        await owner.creates("us-east-1", "lend-to-slipway", { TemplateBody: template }, { Visitor: subject });
    });
    aws.engine.settings.fails.set("AWS::ECS::Service", "ECS Deployment Circuit Breaker was triggered.");
    aws.engine.settings.failsToDelete.set("AWS::EC2::VPC", "The vpc has dependencies and cannot be deleted.");
    await deploy(env);
    await page.waitForSelector(`h1:has-text("wasn't deployed to")`, { timeout: 60_000 });
    const pageText = await page.textContent("main");
    expect(await page.textContent("blockquote")).toMatch(
      /CREATE_FAILED: ECS Deployment Circuit Breaker was triggered\.$/,
    );
    expect(pageText).toContain("does not start or does not answer its health check");
    expect(pageText).toContain("Left in your account");
    expect(pageText).not.toContain(account);
    expect(await page.locator("[data-state=running]").count()).toBe(0);
    expect(await page.getAttribute("[data-step=web]", "data-state")).toBe("failed");
    expect(await page.getAttribute("[data-step=network]", "data-state")).toBe("done");
    expect(await page.getAttribute("[data-step=cluster]", "data-state")).toBe("removed");
    aws.engine.settings.fails.clear();
    aws.engine.settings.failsToDelete.clear();
    await page.click("button:has-text('Retry')");
    await openApp(env);
    expect(openStacks(env)).toHaveLength(1);
    // An account of the visitor's, but not the one with the app.
    await page.click("text=Remove it");
    await page.fill("[name='access[account]']", "444455556666");
    await page.click("button:has-text('Delete')");
    await page.waitForSelector(`h1:has-text("couldn't be removed")`);
    expect(await page.textContent("blockquote")).toMatch(/has no stack called slipway-shop-\w+ in us-east-1/);
    await page.click("text=Retry removal");
    await remove(env);
    expect(env.inventory()).toEqual([]);
    expect(aws.bugs).toEqual([]);
    expect(await env.findStored(["444455556666", ...(await secretsOf(env, subject))])).toEqual([]);
  },
  120_000,
);

withBrowser(
  "with no access at all: the command, the template and the console's link each bring the app up",
  async () => {
    const env = await startEnvironment({ operator: true, bucket: "our-templates" });
    const { page, context, visitor, aws } = env;
    await pressBadge(env);
    await page.click("text=Amazon Web Services");
    await page.selectOption("[name=region]", "eu-west-1");
    const shown = page.locator("#by-hand pre code");
    await expect.poll(() => shown.textContent()).toContain("--region eu-west-1");
    const filled = { EnvGreeting: answers.GREETING, EnvPaymentKey: answers.PAYMENT_KEY };
    const runs = async (region: string, name: string) => {
      const stack = aws.stacks().find((candidate) => candidate.name === name && candidate.region === region);
      await visitUrl(context, stack?.outputs.find(({ OutputKey }) => OutputKey === "Url")?.OutputValue ?? "");
      expect(await visitor.deletes(region, name)).toBe("DELETE_COMPLETE");
      expect(env.inventory()).toEqual([]);
    };

    let command = (await shown.textContent()) ?? "";
    for (const [name, value] of Object.entries(filled)) command = command.replace(`${name}=...`, `${name}='${value}'`);
    expect(command).not.toContain("...");
    await visitor.types(command);
    const stackName = /--stack-name (\S+)/.exec(command)?.[1] ?? "";
    expect(stackName).toMatch(/^slipway-shop/);
    await runs("eu-west-1", stackName);

    const download = page.waitForEvent("download");
    await page.click("a:has-text('Download the CloudFormation template')");
    const template = await text(await (await download).createReadStream());
    await visitor.creates("us-east-1", "my-shop", { TemplateBody: template }, filled, ["CAPABILITY_IAM"]);
    await runs("us-east-1", "my-shop");

    await page.click("a:has-text('Open in the AWS console')");
    await page.waitForSelector("h1:has-text('Quick create stack')");
    const link = new URL(page.url());
    const input = new URLSearchParams(link.hash.slice(link.hash.indexOf("?")));
    const TemplateURL = input.get("templateURL") ?? "";
    expect(input.get("stackName")).toBe(stackName);
    await visitor.creates("eu-west-1", stackName, { TemplateURL }, filled, ["CAPABILITY_IAM"]);
    await runs("eu-west-1", stackName);
    expect(aws.calls.filter((call) => call.startsWith("AssumeRole"))).toEqual([]);
  },
  120_000,
);

withBrowser(
  "as it starts without settings, AWS has its price and its plan, why it is not connected, and the way without us",
  async () => {
    const env = await startEnvironment();
    const { page } = env;
    await page.goto(`${env.origin}/github.com/acme/shop`);
    const offer = page.locator("li.offer", { hasText: "Amazon Web Services" });
    expect(await offer.locator(".price").textContent()).toMatch(/\$\d+\.\d\d\s+a month/);
    await offer.locator("a").click();
    expect(await page.locator("#plan tbody tr").count()).toBeGreaterThan(3);
    expect(await page.textContent("section[aria-labelledby=access-title]")).toContain("isn't set up on this server");
    expect(await page.locator("button:has-text('Deploy')").count()).toBe(0);
    expect(await page.textContent("#by-hand pre code")).toContain("aws cloudformation deploy");
    await page.goto(`${env.origin}/connect/aws`);
    expect(await page.textContent("main")).toContain("AWS isn't set up on this server");
  },
  60_000,
);

withBrowser(
  "axe finds nothing serious on the pages of an app on AWS, and none is wider than a phone",
  async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const env = await startEnvironment({
      https: true,
      operator: true,
      bucket: "our-templates",
      pace: 1,
      bypassCSP: true,
    });
    const { page, aws, visitor } = env;
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
    await page.goto(`${env.origin}/github.com/acme/shop`);
    await checkPage("the app");
    await page.goto(`${env.origin}/connect/aws`);
    await checkPage("lending");
    await page.goto(`${env.origin}/github.com/acme/shop/aws`);
    await fillIn(page);
    await page.fill("[name='access[account]']", account);
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("[role=alert]");
    await checkPage("the form with a mistake");
    await connectAccount(env, async (tab) =>
      visitor.types((await tab.locator(".snippet code").first().textContent()) ?? ""),
    );
    await page.fill("[name='env[PAYMENT_KEY]']", answers.PAYMENT_KEY);
    aws.engine.settings.fails.set("AWS::ECS::Service", "Not today.");
    await page.click("button:has-text('Deploy')");
    await page.waitForSelector("h1:has-text('Deploying')");
    await checkPage("a deployment under way");
    await page.waitForSelector(`h1:has-text("wasn't deployed to")`, { timeout: 30_000 });
    expect(await page.locator("[data-state=running]").count()).toBe(0);
    await checkPage("a failed deployment");
    aws.engine.settings.fails.clear();
    await page.click("button:has-text('Retry')");
    await page.waitForSelector("a.open", { timeout: 30_000 });
    await checkPage("a deployment that is done");
    await page.click("text=Remove it");
    await checkPage("its removal");
    expect(findStored).toEqual([]);
  },
  90_000,
);
