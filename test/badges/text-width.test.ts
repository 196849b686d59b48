import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BadgeOptions, badgeStyles, renderBadge } from "../../badges/index.ts";
import { programOf } from "../harness/peers.ts";

const executablePath = programOf("chromium");
const isSkipped = !executablePath && process.env.PEERS !== "required";

const liberation = { name: "Liberation Sans", face: "LiberationSans-Bold", install: "fonts-liberation" };
const cjk = { name: "Noto Sans CJK JP", face: "NotoSansCJKjp-Bold", install: "fonts-noto-cjk" };
const emoji = { name: "Noto Color Emoji", face: "NotoColorEmoji", install: "fonts-noto-color-emoji" };
const hebrew = { name: "Noto Sans Hebrew", face: "NotoSansHebrew-Bold", install: "fonts-noto-core" };
const arabic = { name: "Noto Sans Arabic", face: "NotoSansArabic-Bold", install: "fonts-noto-core" };
type Font = typeof liberation;

/** Texts with the fonts they are measured in, as CSS falls back from one to the next, and the tolerated error. */
const scripts: { script: string; texts: string[]; fonts: Font[]; tolerance: number }[] = [
  {
    script: "Latin",
    texts: [
      "Deploy to your cloud",
      "Deploy to DigitalOcean",
      "WWWMMM",
      "0123456789",
      "Crème brûlée",
      "e\u0301te\u0301",
    ],
    fonts: [liberation],
    tolerance: 0.05,
  },
  { script: "Cyrillic", texts: ["Привет мир", "ЖЩЫЮЯ"], fonts: [liberation], tolerance: 0.1 },
  {
    script: "Chinese and Japanese",
    texts: ["日本語でデプロイ", "部署到云端", "ＡＢＣ", "𠮷野家"],
    fonts: [cjk],
    tolerance: 0.05,
  },
  { script: "Japanese with Latin", texts: ["日本 Deploy"], fonts: [liberation, cjk], tolerance: 0.05 },
  { script: "emoji", texts: ["🚀🎉🐙", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "🇩🇪🇫🇷"], fonts: [emoji], tolerance: 0.05 },
  { script: "emoji with Latin", texts: ["❤️ ☁️", "Go 🚀"], fonts: [liberation, emoji], tolerance: 0.05 },
  { script: "Hebrew", texts: ["שלום עולם!"], fonts: [hebrew], tolerance: 0.15 },
  { script: "Arabic", texts: ["مرحبا بالعالم"], fonts: [arabic], tolerance: 0.15 },
];

const badge = (style: BadgeOptions["style"], label: string, message: string) =>
  renderBadge({ style, theme: "light", size: "m", label, message });

// Code for the page is kept as text because the project is not compiled against a browser's types.
/** Whether the font is installed: unlike `document.fonts.check`, `local()` never accepts a substitute. */
const isInstalled = ({ face }: Font) =>
  `new FontFace("probe", 'local("${face}")').load().then(() => true, () => false)`;
const visibleTexts = `[...document.querySelectorAll("text")].filter((text) => !text.closest("[aria-hidden=true]:not([font-weight])"))`;
const widthRatios = (fonts: Font[]) => `${visibleTexts}.map((text) => {
  const declared = Number(text.getAttribute("textLength"));
  text.removeAttribute("textLength");
  text.closest("[font-family]").setAttribute("font-family", "${fonts.map(({ name }) => `'${name}'`).join()}");
  return declared / text.getComputedTextLength();
})`;
const textBoxes = `({
  width: document.querySelector("svg").getBoundingClientRect().width,
  boxes: ${visibleTexts}.map((text) => text.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
})`;

describe.skipIf(isSkipped)("widths in a browser [needs chromium (apt install chromium)]", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
    });
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  /** Returns the reason to skip a test that measures these fonts; null if all are installed. */
  async function missingFonts(fonts: Font[]): Promise<string | null> {
    const missing: Font[] = [];
    for (const font of fonts) if (!(await page.evaluate<boolean>(isInstalled(font)))) missing.push(font);
    if (missing.length === 0) return null;
    const packages = new Set(missing.map(({ install }) => install));
    const reason = `missing ${missing.map(({ name }) => name).join(", ")}: apt install ${[...packages].join(" ")}`;
    if (process.env.PEERS === "required") throw new Error(reason);
    return reason;
  }

  /** Returns, for each visible text, the width the badge declares divided by the width the text has in these fonts. */
  async function ratios(svg: string, fonts: Font[]): Promise<number[]> {
    await page.setContent(svg);
    return page.evaluate<number[]>(widthRatios(fonts));
  }

  test.for(scripts)(
    "$script text has the width it needs on the button",
    async ({ texts, fonts, tolerance }, { skip }) => {
      const reason = await missingFonts(fonts);
      skip(reason !== null, reason ?? "");
      for (const text of texts)
        for (const ratio of await ratios(badge("button", text, text), fonts)) {
          expect(ratio, text).toBeGreaterThan(1 - tolerance);
          expect(ratio, text).toBeLessThan(1 + tolerance);
        }
    },
  );

  // badge-maker rounds up to odd pixels, which is much for a short text.
  test.for(scripts.filter(({ fonts }) => fonts.includes(cjk) || fonts.includes(emoji)))(
    "$script text has the width it needs in the social style",
    async ({ texts, fonts }, { skip }) => {
      const reason = await missingFonts(fonts);
      skip(reason !== null, reason ?? "");
      for (const text of texts)
        for (const ratio of await ratios(badge("social", text, text), fonts)) {
          expect(ratio, text).toBeGreaterThan(0.9);
          expect(ratio, text).toBeLessThan(1.12);
        }
    },
  );

  test("in every style, texts stay inside the image and do not overlap", async () => {
    for (const style of badgeStyles)
      for (const text of scripts.flatMap(({ texts }) => texts)) {
        await page.setContent(`<body style="margin:0">${badge(style, text, text)}`);
        const { width, boxes } = await page.evaluate<{ width: number; boxes: { left: number; right: number }[] }>(
          textBoxes,
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
