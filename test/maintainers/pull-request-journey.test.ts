import { createEmulator } from "emulate";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDefaultBranch } from "../../src/repositories/github/default-branch.ts";
import { openPullRequest } from "../../src/repositories/github/pull-request.ts";
import { createUserClient } from "../../src/repositories/github/user-client.ts";
import { fakeGitHub } from "../fakes/github/github.ts";
import { seriousViolations } from "../harness/axe.ts";
import { launchChromium } from "../harness/browser.ts";
import { needs, programOf } from "../harness/peers.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";

// From the studio to an open pull request: in a browser at a strict GitHub, and at one we did not write.

const minutes = 120_000;
const { dataDir, dispose } = createDataDir();
const readme = "# Shop\n\nIt sells.\n";
let github: Awaited<ReturnType<typeof fakeGitHub>>;
let server: TestServer;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const client = { id: "slipway", secret: "s".repeat(40), redirectUri: `${origin}/sign-in/callback` };
  github = await fakeGitHub({
    repos: { "acme/shop": { files: { "app.json": '{"name":"Shop"}', Procfile: "web: x", "README.md": readme } } },
    users: { ada: { id: 7, push: ["acme/shop"] } },
    client,
  });
  const env = {
    GITHUB_API_URL: github.url,
    GITHUB_OAUTH_URL: github.url,
    GITHUB_TOKEN: "good-token",
    GITHUB_CLIENT_ID: client.id,
    GITHUB_CLIENT_SECRET: client.secret,
  };
  server = await serve({ port, dataDir, env });
  if (programOf("chromium")) browser = await launchChromium();
}, minutes);
afterAll(async () => {
  await browser?.close();
  await server?.end();
  await github?.close();
  dispose();
}, minutes);

needs("chromium")(
  "a maintainer chooses a badge, sees the change, allows it and opens the pull request, without script",
  async () => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      colorScheme: "dark",
      viewport: { width: 360, height: 740 },
    });
    const page = await context.newPage();
    github.signInAs("ada");
    await page.goto(`${origin}/github.com/acme/shop/badge?style=flat`);
    await page.getByRole("link", { name: "Preview the change" }).click();
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.waitForURL(/\/badge\/pull-request\?style=flat$/);
    expect(await page.locator(".diff").textContent()).toContain("+[![Deploy Shop to your cloud]");
    await page.getByLabel("HTML, which").check();
    await page.getByRole("button", { name: "Update preview" }).click();
    await page.getByRole("link", { name: "Allow on GitHub" }).click();
    await page.waitForURL(/\/badge\/pull-request\?style=flat&html=true$/);
    await page.getByRole("button", { name: "Open the pull request" }).click();
    await page.waitForURL(/\/badge\/pull-request\/1$/);
    expect(await page.getByRole("link", { name: "View on GitHub" }).getAttribute("href")).toBe(
      "https://github.com/acme/shop/pull/1",
    );
    expect(github.pulls("acme/shop")).toMatchObject([{ by: "ada", head: "slipway-badge", base: "main" }]);
    expect(github.read("acme/shop", "README.md", "slipway-badge")).toContain("<picture>");
    expect(github.read("acme/shop", "README.md")).toBe(readme);
    await context.close();
  },
  minutes,
);

for (const colorScheme of ["light", "dark"] as const)
  needs("chromium")(
    `axe finds nothing serious in the change, which fits a phone, ${colorScheme}`,
    async () => {
      const size = { width: 360, height: 740 };
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: size });
      const page = await context.newPage();
      github.signInAs("ada");
      await page.goto(`${origin}/sign-in?scope=public_repo&to=/github.com/acme/shop/badge/pull-request?style=plastic`);
      await page.waitForURL(/pull-request/);
      const faults = await seriousViolations(page);
      expect(Number(await page.evaluate("document.documentElement.scrollWidth"))).toBeLessThanOrEqual(size.width);
      await page.goto(`${origin}/github.com/acme/shop/badge`);
      faults.push(...(await seriousViolations(page)));
      expect(faults).toEqual([]);
      await context.close();
    },
    minutes,
  );

test(
  "a GitHub we did not write takes the same requests",
  async () => {
    const emulator = await createEmulator({
      service: "github",
      port: 0,
      seed: {
        github: {
          users: [{ login: "nobody" }, { login: "ada" }],
          repos: [{ owner: "ada", name: "app", auto_init: true }],
        },
        tokens: { "ada-token": { login: "ada", scopes: ["public_repo"] } },
      },
    });
    try {
      const say = createUserClient({ apiUrl: emulator.url, fetch, now: Date.now }, "ada-token");
      const before = await readDefaultBranch(say, { owner: "ada", repo: "app", path: "" });
      const files = new Map([["README.md", `${before.readme?.text ?? ""}\nA badge.\n`]]);
      const change = { files, title: "Add a button", body: "It leads there." };
      const number = await openPullRequest(say, before, change);
      expect(await openPullRequest(say, before, change)).toBe(number);
      const after = await readDefaultBranch(say, { owner: "ada", repo: "app", path: "" });
      expect(after).toEqual(before);
      const pull = await say("GET /repos/{owner}/{repo}/pulls/{number}", { owner: "ada", repo: "app", number });
      expect(pull.data).toMatchObject({ state: "open", title: "Add a button", head: { ref: "slipway-badge" } });
    } finally {
      await emulator.close();
    }
  },
  minutes,
);
