import { createRequire } from "node:module";
import type * as BadgeMaker from "badge-maker";
import { applyTheme, labelPaint, messagePaint, type Swap, type Theme, type Tone } from "./colors.ts";
import { type Mark, markPaths } from "./logos.ts";
import { escapeXml, graphemes, isRightToLeft } from "./text.ts";
import { emWidth } from "./text-width.ts";

export type ShieldsStyle = "flat" | "flat-square" | "plastic" | "for-the-badge" | "social";

export interface Shield {
  style: ShieldsStyle;
  theme: Theme;
  label: string;
  message: string;
  name: string;
  tone: Tone;
  logo: Mark;
}

// badge-maker loads 900 kB of width tables, so it is loaded with the first shields badge.
const require = createRequire(import.meta.url);
let badgeMaker: typeof BadgeMaker | undefined;

/** Characters in badge-maker's width tables: Latin, Greek and Cyrillic letters of one code point. */
const measurable = /^[\x20-\x7e\xa0-\u0237\u0370-\u03ff\u0400-\u045f\u1e00-\u1eff–—…]$/;

/**
 * Returns a text that badge-maker measures about as wide as the given one. It counts an emoji family as four letters
 * and each accent as an `m`, so unmeasurable graphemes become dashes (1 em, 0.64 em) and apostrophes (0.27 em).
 */
function placeholderText(text: string): string {
  let latin = "";
  let em = 0;
  for (const grapheme of graphemes(text)) {
    if (measurable.test(grapheme)) latin += grapheme;
    else em += emWidth(grapheme);
  }
  const rest = em % 1;
  return `${latin}${"—".repeat(em)}${rest > 0.82 ? "—" : rest > 0.45 ? "–" : rest > 0.13 ? "'" : ""}`;
}

// Control characters have no width in the tables and never occur in a text, so they mark the placeholders.
const [labelMarker, messageMarker] = ["\u0001", "\u0002"];
const markedText = new RegExp(`>([${labelMarker}${messageMarker}])[^<]*`, "g");

/** Draws one of the five shields styles with badge-maker, in our colours and widths. */
export function drawShield({ style, theme, label, message, name, tone, logo }: Shield): string {
  badgeMaker ??= require("badge-maker") as typeof BadgeMaker;
  const displayed =
    style === "for-the-badge" ? { label: label.toUpperCase(), message: message.toUpperCase() } : { label, message };
  const logoColor = style === "social" ? "#0b4f6c" : "#ffffff";
  const svg = badgeMaker
    .makeBadge({
      style,
      label: label && labelMarker + placeholderText(displayed.label),
      message: message && messageMarker + placeholderText(displayed.message),
      color: messagePaint[tone].light,
      labelColor: labelPaint.light,
      logoBase64: "mark",
    })
    .replace(/ aria-label=".*?<\/title>/s, () => ` aria-label="${escapeXml(name)}"><title>${escapeXml(name)}</title>`)
    .replace(
      /<image (.*?) href="mark"\/>/,
      (_, box) => `<svg ${box} viewBox="0 0 16 16">${markPaths(logo, logoColor)}</svg>`,
    )
    .replace(markedText, (_, marker) => textElementEnd(marker === labelMarker ? displayed.label : displayed.message));
  return applyTheme(svg, theme, swaps(style, tone));
}

/** Returns the end of a `<text` tag and its content. Joined letters are stretched, as spacing would separate them. */
function textElementEnd(text: string): string {
  const direction = isRightToLeft(text) ? ' direction="rtl"' : "";
  const fit = graphemes(text).every((grapheme) => measurable.test(grapheme)) ? "" : ' lengthAdjust="spacingAndGlyphs"';
  return `${direction}${fit}>${escapeXml(text)}`;
}

function swaps(style: ShieldsStyle, tone: Tone): Swap[] {
  if (style === "social")
    return [
      ["fill", "#fcfcfc", "#21262d"],
      ["fill", "#fafafa", "#161b22"],
      ["stroke", "#fafafa", "#161b22"],
      ["stroke", "#d5d5d5", "#444c56"],
      ["fill", "#333", "#e6edf3"],
      ["fill", "#0b4f6c", "#5fb3d9"],
      ["fill", "#fff", "#010409"],
    ];
  const { light, dark } = messagePaint[tone];
  return [
    ["fill", labelPaint.light, labelPaint.dark],
    ["fill", light, dark],
  ];
}
