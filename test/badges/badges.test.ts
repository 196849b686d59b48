import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buttonPaint, labelPaint, messagePaint } from "../../badges/colors.ts";
import {
  type BadgeOptions,
  type BadgeState,
  badgeFor,
  badgeSizes,
  badgeStyles,
  badgeThemes,
  readBadgeQuery,
  renderBadge,
} from "../../badges/index.ts";
import { countText } from "../../badges/wording.ts";
import { badgeClouds } from "../../src/clouds/index.ts";
import { findMarkupError } from "../harness/well-formed.ts";

const ready: BadgeState = { kind: "ready", installs: 1234 };
const draw = (query: string, state: BadgeState = ready) =>
  badgeFor(new URLSearchParams(query), state, badgeClouds()).body;
const name = (svg: string) => /aria-label="([^"]*)"/.exec(svg)?.[1];
const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
const width = (svg: string) => Number(/ width="([\d.]+)"/.exec(svg)?.[1]);

describe("drawings", () => {
  for (const style of badgeStyles)
    for (const theme of badgeThemes)
      test(`${style} in ${theme} looks as it did`, () => {
        const options: BadgeOptions = { style, theme, size: "m", label: "Deploy to", message: "" };
        const each = ["AWS", "日本 🚀", "שלום!", `<&"'>`].map((message) => renderBadge({ ...options, message }));
        expect(each.join("\n")).toMatchSnapshot();
      });

  test("the large button looks as it did", () => {
    expect(draw("size=l&cloud=heroku&theme=dark&count=true")).toMatchSnapshot();
  });

  test("the button comes in two heights, and the shields styles have their own", () => {
    const height = (query: string) => Number(/ height="(\d+)"/.exec(draw(query))?.[1]);
    expect([height(""), height("size=l"), height("style=flat"), height("style=flat&size=l")]).toEqual([32, 40, 20, 20]);
    expect([height("style=plastic"), height("style=for-the-badge")]).toEqual([18, 28]);
  });

  test("auto is the light drawing with a dark style sheet; light and dark have none", () => {
    for (const style of badgeStyles) {
      const auto = draw(`style=${style}`);
      expect(auto.replace(/<style>@media\(prefers-color-scheme:dark\){.*?}}<\/style>/, "")).toBe(
        draw(`style=${style}&theme=light`),
      );
      expect(auto).toContain("prefers-color-scheme");
      expect(draw(`style=${style}&theme=dark`)).not.toContain("prefers-color-scheme");
      expect(draw(`style=${style}&theme=dark`)).not.toBe(draw(`style=${style}&theme=light`));
    }
  });
});

describe("texts", () => {
  test("the button is one sentence, the shields styles cut it in two, and a screen reader hears it whole", () => {
    expect(texts(draw(""))).toEqual(["Deploy to your cloud"]);
    expect(texts(draw("cloud=aws"))).toEqual(["Deploy to AWS"]);
    expect(texts(draw("cloud=local&style=flat-square"))).toEqual(["Deploy to", "this machine"]);
    expect(texts(draw("cloud=gcp&style=for-the-badge"))).toEqual(["DEPLOY TO", "GOOGLE CLOUD"]);
    for (const style of badgeStyles) expect(name(draw(`cloud=gcp&style=${style}`))).toBe("Deploy to Google Cloud");
  });

  test("a label of one's own, the number of installs, and both", () => {
    expect(texts(draw("label=Try+Discourse"))).toEqual(["Try Discourse"]);
    expect(texts(draw("label=Try+Discourse&style=flat-square"))).toEqual(["Try Discourse", "your cloud"]);
    expect(texts(draw("count=true"))).toEqual(["Deploy", "1.2k installs"]);
    expect(texts(draw("count=true&cloud=azure&style=flat-square"))).toEqual(["Deploy to Azure", "1.2k installs"]);
    expect(texts(draw("count=true", { kind: "ready", installs: null }))).toEqual(["Deploy to your cloud"]);
  });

  test("a badge says what is wrong with a repository, and keeps the maintainer's label", () => {
    const kinds = ["missing", "no-ref", "no-path", "broken", "blocked", "error"] as const;
    const wordings = kinds.map((kind) => texts(draw("label=Go&count=true", { kind })).join(" | "));
    expect(wordings).toEqual([
      "Go | repository not found",
      "Go | branch not found",
      "Go | folder not found",
      "Go | manifest needs mending",
      "Go | blocked",
      "Go | our error, try later",
    ]);
    expect(name(draw("style=flat", { kind: "missing" }))).toBe("Deploy: repository not found");
  });

  test("when nobody could look, the button works as ever", () => {
    expect(draw("", { kind: "unsure", installs: null })).toBe(draw(""));
  });

  test("installs are cut off, not rounded up", () => {
    expect([0, 1, 999, 1000, 1999, 12_345, 999_999, 1_000_000, 3_490_000].map(countText)).toEqual([
      "0 installs",
      "1 install",
      "999 installs",
      "1k installs",
      "1.9k installs",
      "12k installs",
      "999k installs",
      "1M installs",
      "3.4M installs",
    ]);
  });
});

describe("the query", () => {
  const read = (query: string) => readBadgeQuery(new URLSearchParams(query), badgeClouds());

  test("every parameter is read", () => {
    expect(read("style=flat-square&theme=dark&size=l&label=Hi&cloud=aws&count=true")).toEqual({
      style: "flat-square",
      theme: "dark",
      size: "l",
      label: "Hi",
      cloud: expect.objectContaining({ id: "aws", name: "AWS" }),
      count: true,
    });
  });

  test("nonsense counts as absent", () => {
    const defaults = { style: "button", theme: "auto", size: "m", label: "", cloud: null, count: false };
    expect(read("")).toEqual(defaults);
    expect(read("style=constructor&theme=%00&size=999&cloud=__proto__&count=maybe&label=%20%07&x=1")).toEqual(defaults);
    expect(read("style=FLAT&cloud=AWS")).toMatchObject({ style: "flat", cloud: { id: "aws" } });
  });

  test("labels are one clean line, clipped by what a reader counts as a letter", () => {
    expect(read("label=%20a%0A%00b%E2%80%AE%20%20c").label).toBe("a b c");
    expect(read(`label=${"x".repeat(99)}`).label).toBe(`${"x".repeat(47)}…`);
    const family = "👩‍👩‍👧‍👦";
    expect(read(`label=${encodeURIComponent(family.repeat(48))}`).label).toBe(family.repeat(48));
    expect(read(`label=${encodeURIComponent(family.repeat(49))}`).label).toBe(`${family.repeat(47)}…`);
    expect([...read(`label=a${"%CC%81".repeat(900)}`).label].length).toBeLessThanOrEqual(12);
  });
});

describe("hostile texts", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom(
      "</text><script>alert(1)</script>",
      `"><image href="x" onerror="a()"/>`,
      "]]>",
      "<!--",
      "&#0;",
      "&lt;",
      'fill="#fff"',
      "$&$1",
      "\u0001\u0002",
    ),
  );

  test("any text gives a well-formed drawing in ASCII", () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.constantFrom(...badgeStyles),
        fc.constantFrom(...badgeThemes),
        fc.constantFrom(...badgeSizes),
        (label, message, style, theme, size) => {
          const svg = renderBadge({ style, theme, size, label, message });
          expect(findMarkupError(svg, "svg")).toBeNull();
          expect(svg).toMatch(/^[\x20-\x7e]+$/);
          expect(width(svg)).toBeLessThan(2000);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("markup comes out as text, in every style", () => {
    const label = `</text><a href="x">&`;
    for (const style of badgeStyles) {
      const svg = draw(`style=${style}&label=${encodeURIComponent(label)}`);
      const encoded = "&lt;/text&gt;&lt;a href=&quot;x&quot;&gt;&amp;";
      expect(texts(svg)[0]?.toLowerCase()).toBe(encoded);
      expect(svg).not.toContain("<a");
    }
  });

  test("a text that looks like a replacement pattern stays as it is", () => {
    expect(texts(draw("style=flat-square&label=%24%26+%24%601+%241"))[0]).toBe("$&amp; $`1 $1");
  });

  test("any query gives a well-formed badge", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("style", "theme", "label", "cloud", "count", "size"), anyText),
        (query) => {
          expect(findMarkupError(draw(new URLSearchParams(query).toString()), "svg")).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("colours", () => {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (first: string, other: string) => {
    const [light = 0, dark = 0] = [luminance(first), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  /** What the shade behind the button's message makes of a colour. */
  const shaded = (hex: string) =>
    `#${[1, 3, 5]
      .map((at) =>
        Math.round(Number.parseInt(hex.slice(at, at + 2), 16) * 0.84)
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")}`;

  test("all text has a contrast of 4.5 or more, in both themes", () => {
    for (const [tone, themes] of Object.entries(buttonPaint))
      for (const [theme, { fill, ink }] of Object.entries(themes)) {
        expect(contrast(fill, ink), `${tone} button in ${theme}`).toBeGreaterThanOrEqual(4.5);
        expect(contrast(shaded(fill), ink), `${tone} button's message in ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    for (const [tone, themes] of Object.entries({ ...messagePaint, label: labelPaint }))
      for (const [theme, fill] of Object.entries(themes))
        expect(contrast(fill, "#ffffff"), `${tone} of shields in ${theme}`).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#21262d", "#e6edf3")).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#fcfcfc", "#333333")).toBeGreaterThanOrEqual(4.5);
  });

  test("a button stands out from its page", () => {
    for (const { light, dark } of Object.values(buttonPaint)) {
      expect(contrast(light.fill, "#ffffff")).toBeGreaterThanOrEqual(3);
      expect(contrast(dark.fill, "#0d1117")).toBeGreaterThanOrEqual(3);
    }
  });
});
