/** A badge's state as a colour: ready, missing, needs its maintainer, or blocked. */
export type Tone = "accent" | "quiet" | "warn" | "bad";
export type Theme = "auto" | "light" | "dark";

/** A background and its foreground: text and marks (`ink`), and the line of our mark (`line`). */
export interface Paint {
  fill: string;
  ink: string;
  line: string;
}

/** The button: dark on a light page, bright on a dark one. */
export const buttonPaint: Record<Tone, { light: Paint; dark: Paint }> = {
  accent: {
    light: { fill: "#0b4f6c", ink: "#ffffff", line: "#8fd3f4" },
    dark: { fill: "#5fb3d9", ink: "#04202d", line: "#0b4f6c" },
  },
  quiet: {
    light: { fill: "#55606a", ink: "#ffffff", line: "#c3cbd2" },
    dark: { fill: "#9aa5b0", ink: "#11161a", line: "#3b444d" },
  },
  warn: {
    light: { fill: "#85500a", ink: "#ffffff", line: "#f5cf94" },
    dark: { fill: "#e0a64e", ink: "#241500", line: "#6b430b" },
  },
  bad: {
    light: { fill: "#a1282f", ink: "#ffffff", line: "#f6b5b9" },
    dark: { fill: "#ee9196", ink: "#2b0609", line: "#7d1f25" },
  },
};

/** Background of a shields badge's message; its text is white in both themes. */
export const messagePaint: Record<Tone, { light: string; dark: string }> = {
  accent: { light: "#0b4f6c", dark: "#1f7aa3" },
  quiet: { light: "#687078", dark: "#656e77" },
  warn: { light: "#85500a", dark: "#96600f" },
  bad: { light: "#a1282f", dark: "#bb3b42" },
};
/** Background of its label. */
export const labelPaint = { light: "#555555", dark: "#3d444d" };

/** An attribute's value in the light drawing and in the dark one. */
export type Swap = [attribute: "fill" | "stroke", light: string, dark: string];

/**
 * Recolours a light drawing. `auto` adds a style sheet that follows the reader's system; viewers without style sheets
 * keep the light colours. Text cannot be mistaken for an attribute, as its quotes are encoded.
 */
export function applyTheme(svg: string, theme: Theme, swaps: Swap[]): string {
  if (theme === "light") return svg;
  if (theme === "dark")
    return svg.replace(/(fill|stroke)="(#\w+)"/g, (match, attribute, light) => {
      const swap = swaps.find((swap) => swap[0] === attribute && swap[1] === light);
      return swap ? `${attribute}="${swap[2]}"` : match;
    });
  const rules = swaps.map(([attribute, light, dark]) => `[${attribute}="${light}"]{${attribute}:${dark}}`).join("");
  return svg.replace("</title>", `</title><style>@media(prefers-color-scheme:dark){${rules}}</style>`);
}
