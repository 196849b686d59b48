import { createRequire } from "node:module";
import type * as BadgeMaker from "badge-maker";
import { applyTheme, labelPaint, messagePaint, type Swap, type Theme, type Tone } from "./colors.ts";
import { type MarkId, markPaths } from "./logos.ts";
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
  logo: MarkId;
}

// badge-maker reads 900 kB of width tables when it loads; whoever only wants buttons never pays for them.
const require = createRequire(import.meta.url);
let badgeMaker: typeof BadgeMaker | undefined;

/** What the width tables of badge-maker know: Latin, Greek and Cyrillic letters that are one code point. */
const known = /^[\x20-\x7e\xa0-\u0237\u0370-\u03ff\u0400-\u045f\u1e00-\u1eff–—…]$/;

/**
 * A text that badge-maker measures about as wide as the given one will be. It takes an emoji family for four letters
 * and each accent for an `m`, so what it does not know becomes dashes: 1 em, 0.64 em and, for the apostrophe, 0.27 em.
 */
function standIn(text: string): string {
  let latin = "";
  let em = 0;
  for (const grapheme of graphemes(text)) {
    if (known.test(grapheme)) latin += grapheme;
    else em += emWidth(grapheme);
  }
  const rest = em % 1;
  return `${latin}${"—".repeat(em)}${rest > 0.82 ? "—" : rest > 0.45 ? "–" : rest > 0.13 ? "'" : ""}`;
}

// Control characters are 0 wide in the tables and never part of a text: they say which text a stand-in stands for.
const [labelSign, messageSign] = ["\u0001", "\u0002"];
const signed = new RegExp(`>([${labelSign}${messageSign}])[^<]*`, "g");

/** One of the five shields styles, drawn by badge-maker, in our colours and with our widths. */
export function drawShield({ style, theme, label, message, name, tone, logo }: Shield): string {
  badgeMaker ??= require("badge-maker") as typeof BadgeMaker;
  const shown =
    style === "for-the-badge" ? { label: label.toUpperCase(), message: message.toUpperCase() } : { label, message };
  const ink = style === "social" ? "#0b4f6c" : "#ffffff";
  const svg = badgeMaker
    .makeBadge({
      style,
      label: label && labelSign + standIn(shown.label),
      message: message && messageSign + standIn(shown.message),
      color: messagePaint[tone].light,
      labelColor: labelPaint.light,
      logoBase64: "mark",
    })
    .replace(/ aria-label=".*?<\/title>/s, () => ` aria-label="${escapeXml(name)}"><title>${escapeXml(name)}</title>`)
    .replace(/<image (.*?) href="mark"\/>/, (_, box) => `<svg ${box} viewBox="0 0 16 16">${markPaths(logo, ink)}</svg>`)
    .replace(signed, (_, sign) => asWritten(sign === labelSign ? shown.label : shown.message));
  return applyTheme(svg, theme, swaps(style, tone));
}

/** The end of a `<text` tag and the text itself. Letters that join are stretched: spaced out, they would fall apart. */
function asWritten(text: string): string {
  const direction = isRightToLeft(text) ? ' direction="rtl"' : "";
  const fit = graphemes(text).every((grapheme) => known.test(grapheme)) ? "" : ' lengthAdjust="spacingAndGlyphs"';
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
