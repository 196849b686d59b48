import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badgeChoiceFromUrl } from "../../routes/maintainers/badge-studio.ts";
import { Snippets } from "../../routes/openapi/schemas.ts";
import { formatName, formats } from "../../src/maintainers/readme/snippets.ts";
import { note } from "../../src/result.ts";
import type { Settings } from "../../src/settings.ts";
import { anApp } from "../harness/apps.ts";
import { launchChromium } from "../harness/browser.ts";
import { render, rendererOf } from "../harness/markup-renderers.ts";
import { needs, programOf } from "../harness/peers.ts";
import { serveReadme } from "../harness/readme.ts";
import { createScriptedCloud } from "../harness/scripted-cloud.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";
import { createTestApp } from "../harness/test-app.ts";

const repos = { hello: { "package.json": '{"scripts":{"start":"node ."}}', "app.json": '{"name":"Hel]lo"}' } };

describe("the badge studio over HTTP", () => {
  const { get, getJson } = createTestApp({ repos });
  const page = async (query: string) => (await get(`/local/apps/hello/badge${query}`)).text();

  test("keeps what was chosen in its address, and carries ref and folder along", async () => {
    const text = await page("?style=plastic&theme=dark&count=true&label=Go&cloud=nowhere");
    expect(text).toMatch(/value="plastic" checked/);
    expect(text).toMatch(/value="dark" checked/);
    expect(text).toMatch(/value="true" checked/);
    expect(text).toContain("badge.svg?style=plastic&amp;theme=dark&amp;label=Go&amp;count=true");
    expect(text).not.toContain("nowhere");
  });

  test("has a JSON twin with every text to paste", async () => {
    const answer = await getJson("/local/apps/hello/badge?style=flat");
    expect(answer.headers.get("vary")).toMatch(/accept/i);
    const { badges, snippets } = Snippets.parse(await answer.json());
    const page = "http://localhost:8080/local/apps/hello";
    expect(badges).toEqual([{ image: `${page}/badge.svg?style=flat`, page }]);
    expect(Object.keys(snippets).sort()).toEqual([...formats].sort());
    expect(snippets.markdown).toBe(`[![Deploy Hel\\]lo to your cloud](${page}/badge.svg?style=flat)](${page})`);
  });

  test("has no badge of a cloud that the maintainers hide, or that cannot run the app", () => {
    const cloud = createScriptedCloud(async function* () {});
    const cannot = { ...note("It cannot."), level: "missing" as const };
    const all = ["aws", "gcp", "local"].map((id) => ({ ...cloud, id, support: () => (id === "gcp" ? [cannot] : []) }));
    const chosen = (settings: Settings) => badgeChoiceFromUrl("http://x/?cloud=each", anApp(), settings, all);
    expect(chosen({}).clouds.map(({ id }) => id)).toEqual(["aws", "local"]);
    expect(chosen({ hide: ["aws"] })).toMatchObject({ clouds: [{ id: "local" }], each: true });
  });

  test("offers no pull request where nobody can sign in, or where there is no GitHub", async () => {
    expect(await page("")).not.toContain("pull request");
  });
});

const withBrowser = needs("chromium");

describe("the badge studio in a browser", () => {
  const { dataDir, dispose } = createDataDir();
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await serve({ port: await freePort(), dataDir });
    if (programOf("chromium")) browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server.end();
    dispose();
  }, 60_000);

  async function open(query: string, { script = true } = {}): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext({ javaScriptEnabled: script });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.origin });
    const page = await context.newPage();
    await page.goto(`${server.origin}/local/examples/hello/badge${query}`);
    return { page, context };
  }

  const shown = (page: Page) => page.locator("#preview img").first().getAttribute("src");

  for (const [index, format] of formats.entries())
    needs("chromium", ...rendererOf(format))(
      `what is copied as ${formatName[format]} is the badge, and leads to the app`,
      async () => {
        const { page, context } = await open("?style=for-the-badge&theme=light&label=Get+it");
        await page.getByRole("button", { name: `Copy ${formatName[format]}` }).click();
        await page.getByText("Copied").first().waitFor();
        const copied = String(await page.evaluate("navigator.clipboard.readText()"));
        expect(copied).toBe(await page.locator("textarea").nth(index).inputValue());

        const rendered = await serveReadme(render(format, `${copied}\n`));
        const readme = await context.newPage();
        await readme.goto(rendered.url);
        const image = readme.getByRole("img", { name: "Get it" });
        await image.waitFor();
        // An image that did not load has no size of its own.
        const size = await readme.evaluate(
          "document.images[0].decode().then(() => [document.images[0].naturalHeight, document.images[0].naturalWidth > 50])",
        );
        expect(size).toEqual([28, true]);
        await image.click();
        await readme.waitForURL("**/local/examples/hello");
        expect(await readme.getByRole("heading", { level: 1 }).textContent()).toContain("Hello");
        rendered.close();
        await context.close();
      },
      60_000,
    );

  withBrowser(
    "shows another choice at once, also in its address, and keeps the keyboard where it is",
    async () => {
      const { page, context } = await open("");
      const written = (words: string) =>
        expect.poll(() => page.getByLabel("Markdown").inputValue(), { timeout: 20_000 }).toContain(words);
      await page.evaluate("window.stays = true");
      await page.getByLabel("Flat, square").focus();
      await page.keyboard.press("Space");
      await page.locator('#preview img[src*="flat-square"]').first().waitFor();
      await page.getByLabel("Dark").check();
      await page.getByLabel("Button text").fill("Ahoy");
      await written("label=Ahoy");
      await page.getByLabel("Show the number").check();
      await page.waitForURL(/count=true/);
      await written("count=true");
      expect(new URL(page.url()).search).toBe("?style=flat-square&theme=dark&size=m&label=Ahoy&count=true");
      expect(await shown(page)).toBe(
        "/local/examples/hello/badge.svg?style=flat-square&theme=dark&label=Ahoy&count=true",
      );
      expect(await page.evaluate("[window.stays, document.activeElement.id]")).toEqual([true, "count"]);
      await page.reload();
      expect(await page.getByLabel("Flat, square").isChecked()).toBe(true);
      await context.close();
    },
    60_000,
  );

  withBrowser(
    "works without script: a button shows the choice, and the text can be selected by keyboard",
    async () => {
      const { page, context } = await open("", { script: false });
      await page.getByLabel("Plastic").check();
      await page.getByRole("button", { name: "Update preview" }).click();
      await page.waitForURL(/style=plastic/);
      expect(await shown(page)).toContain("style=plastic&theme=light");
      const text = page.getByLabel("Markdown");
      await text.focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.press("Control+C");
      await page.keyboard.press("Control+End");
      await page.keyboard.type("x");
      expect(await text.inputValue()).toMatch(/style=plastic\)\]\(.*\/hello\)$/);
      expect(await page.getByRole("button", { name: "Copy" }).count()).toBe(0);
      await context.close();
    },
    60_000,
  );
});
