import { graphemes } from "./text.ts";

// Advance widths of Helvetica Bold in thousandths of an em, from space to tilde. Arial and Liberation Sans have the same
// widths, semibold system fonts differ by a few percent; `textLength` corrects the rest.
const helvetica = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
  556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
  280, 389, 584,
];

const emoji = /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}{2}|\p{Emoji}\ufe0f)/u;

/** Widths of other scripts in em; the first match wins. */
const scripts: [pattern: RegExp, em: number][] = [
  [/^[\uff61-\uffdc]/, 0.5],
  [emoji, 1.25],
  [/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303f\uff01-\uff60]/u, 1],
  [/^\p{Script=Hangul}/u, 0.93],
  [/^\p{Script=Arabic}/u, 0.42],
  [/^\p{Script=Hebrew}/u, 0.53],
  [/^[\p{Script=Thai}\p{Script=Lao}]/u, 0.58],
  [/^[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Malayalam}]/u, 0.8],
  [/^[ЖФШЩЫЮ]/, 0.93],
  [/^[жфшщыю]/, 0.83],
  [/^[—…\u2190-\u21ff™]/, 1],
  [/^[–“”]/, 0.53],
  [/^[·•‘’]/, 0.31],
  [/^[©®]/, 0.74],
  [/^[\p{So}\p{Sm}\u{1d400}-\u{1d7ff}]/u, 0.9],
  [/^\p{Lu}/u, 0.74],
];

/** Returns a grapheme's estimated width in em. */
export function emWidth(grapheme: string): number {
  const latin = helvetica[grapheme.charCodeAt(0) - 32] ?? helvetica[grapheme.normalize("NFD").charCodeAt(0) - 32];
  if (latin !== undefined && !emoji.test(grapheme)) return latin / 1000;
  return scripts.find(([pattern]) => pattern.test(grapheme))?.[1] ?? 0.6;
}

/** Returns a text's width in Helvetica, in em. Regular weight has narrower lowercase letters than semibold. */
export function textWidth(text: string, weight: 400 | 600): number {
  const lowercaseFactor = weight === 600 ? 1 : 0.93;
  return graphemes(text).reduce(
    (sum, grapheme) => sum + emWidth(grapheme) * (/^[a-z]/.test(grapheme) ? lowercaseFactor : 1),
    0,
  );
}
