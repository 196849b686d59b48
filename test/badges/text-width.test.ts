import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BadgeOptions, badgeStyles, renderBadge } from "../../badges/index.ts";
import { programOf } from "../harness/peers.ts";

const browserFile = programOf("chromium");
const skipped = !browserFile && process.env.PEERS !== "required";

const latin = [
  "Deploy to your cloud",
  "Deploy to DigitalOcean",
  "WWWMMM",
  "0123456789",
  "Crème brûlée",
  "e\u0301te\u0301",
];
const cyrillic = ["Привет мир", "ЖЩЫЮЯ"];
const wide = ["日本語でデプロイ", "部署到云端", "ＡＢＣ", "𠮷野家", "日本 Deploy"];
const emoji = ["🚀🎉🐙", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "❤️ ☁️", "Go 🚀"];
const joined = ["שלום עולם!", "مرحبا بالعالم"];

const badge = (style: BadgeOptions["style"], label: string, message: string) =>
  renderBadge({ style, theme: "light", size: "m", label, message });

// What runs in the page is text here: the project is not compiled against the types of a browser.
const fontsThere = `(() => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.font = "600 100px Helvetica,Arial,sans-serif";
  const width = (text) => canvas.measureText(text).width;
  return {
    latin: Math.abs(width("Deploy") - 333.4) < 4,
    wide: Math.abs(width("日") - 100) < 1,
    emoji: width("🚀") === width("👩‍👩‍👧‍👦"),
  };
})()`;
const seen = `[...document.querySelectorAll("text")].filter((text) => !text.closest("[aria-hidden=true]:not([font-weight])"))`;
const ratiosOfTexts = `${seen}.map((text) => {
  const given = Number(text.getAttribute("textLength"));
  text.removeAttribute("textLength");
  text.closest("[font-family]").setAttribute("font-family", "Helvetica,Arial,sans-serif");
  return given / text.getComputedTextLength();
})`;
const placesOfTexts = `({
  width: document.querySelector("svg").getBoundingClientRect().width,
  boxes: ${seen}.map((text) => text.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
})`;

type Fonts = Record<"latin" | "wide" | "emoji", boolean>;

describe.skipIf(skipped)("widths in a browser [needs chromium (apt install chromium)]", () => {
  let browser: Browser;
  let page: Page;
  let fonts: Fonts;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserFile,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
    });
    page = await browser.newPage();
    fonts = await page.evaluate<Fonts>(fontsThere);
  });
  afterAll(() => browser?.close());

  /** For each text that is seen: the width we gave it over the width it has by itself. */
  async function ratios(svg: string): Promise<number[]> {
    await page.setContent(svg);
    return page.evaluate<number[]>(ratiosOfTexts);
  }

  const families: { what: string; texts: string[]; off: number; font: keyof Fonts }[] = [
    { what: "Latin", texts: latin, off: 0.05, font: "latin" },
    { what: "Cyrillic", texts: cyrillic, off: 0.1, font: "latin" },
    { what: "Chinese and Japanese", texts: wide, off: 0.05, font: "wide" },
    { what: "emoji", texts: emoji, off: 0.05, font: "emoji" },
    { what: "Hebrew and Arabic", texts: joined, off: 0.15, font: "latin" },
  ];
  test.for(families)("$what text has the width it needs on the button", async ({ texts, off, font }, { skip }) => {
    skip(!fonts[font], "needs fonts: apt install fonts-liberation fonts-noto-cjk fonts-noto-color-emoji");
    for (const text of texts)
      for (const ratio of await ratios(badge("button", text, text))) {
        expect(ratio, text).toBeGreaterThan(1 - off);
        expect(ratio, text).toBeLessThan(1 + off);
      }
  });

  // badge-maker rounds up to odd pixels, which is much for a short text.
  test("what is not Latin has the width it needs in the social style, too", async ({ skip }) => {
    skip(!fonts.wide || !fonts.emoji, "needs fonts: apt install fonts-noto-cjk fonts-noto-color-emoji");
    for (const text of [...wide, ...emoji])
      for (const ratio of await ratios(badge("social", text, text))) {
        expect(ratio, text).toBeGreaterThan(0.9);
        expect(ratio, text).toBeLessThan(1.12);
      }
  });

  test("in every style, texts lie inside of the image and beside each other", async () => {
    for (const style of badgeStyles)
      for (const text of [...latin, ...cyrillic, ...wide, ...emoji, ...joined]) {
        await page.setContent(`<body style="margin:0">${badge(style, text, text)}`);
        const { width, boxes } = await page.evaluate<{ width: number; boxes: { left: number; right: number }[] }>(
          placesOfTexts,
        );
        const [label, message] = [boxes[0], boxes.at(-1)];
        expect(label?.left, `${style} ${text}`).toBeGreaterThan(18);
        expect(label?.right, `${style} ${text}`).toBeLessThanOrEqual((message?.left ?? 0) + 0.5);
        expect(message?.right, `${style} ${text}`).toBeLessThanOrEqual(width);
      }
  });

  test("auto follows the reader's system", async () => {
    const fill = async (colorScheme: "light" | "dark") => {
      await page.emulateMedia({ colorScheme });
      await page.setContent(renderBadge({ style: "button", theme: "auto", size: "m", label: "Deploy", message: "" }));
      return page.evaluate<string>(`getComputedStyle(document.querySelector("svg > rect")).fill`);
    };
    expect([await fill("light"), await fill("dark")]).toEqual(["rgb(11, 79, 108)", "rgb(95, 179, 217)"]);
  });
});
