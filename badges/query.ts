import type { Theme } from "./colors.ts";
import type { BadgeCloud } from "./logos.ts";
import type { ShieldsStyle } from "./shields.ts";
import { clean } from "./text.ts";

export type BadgeStyle = "button" | ShieldsStyle;

export interface BadgeQuery {
  style: BadgeStyle;
  theme: Theme;
  size: "m" | "l";
  /** Empty for the default text. */
  label: string;
  cloud: BadgeCloud | null;
  count: boolean;
}

export const badgeStyles = ["button", "flat", "flat-square", "plastic", "for-the-badge", "social"] as const;
export const badgeThemes = ["auto", "light", "dark"] as const;
export const badgeSizes = ["m", "l"] as const;
/** Maximum length of a badge's text, in graphemes. */
export const maxTextLength = 48;

/** Parses a badge URL's parameters. Invalid values are ignored, as an image cannot report them. */
export function readBadgeQuery(query: URLSearchParams, clouds: readonly BadgeCloud[] = []): BadgeQuery {
  const parameter = (key: string) => (query.get(key) ?? "").trim().toLowerCase();
  const pick = <T extends string>(key: string, values: readonly [T, ...T[]]): T =>
    values.find((value) => value === parameter(key)) ?? values[0];
  return {
    style: pick("style", badgeStyles),
    theme: pick("theme", badgeThemes),
    size: pick("size", badgeSizes),
    label: clean(query.get("label") ?? "", maxTextLength),
    cloud: clouds.find(({ id }) => id === parameter("cloud")) ?? null,
    count: ["true", "1"].includes(parameter("count")),
  };
}

/** Returns the parameters of this badge's URL without the defaults. */
export function writeBadgeQuery({ style, theme, size, label, cloud, count }: BadgeQuery): [string, string][] {
  const parameters: [string, string][] = [
    ["style", style === badgeStyles[0] ? "" : style],
    ["theme", theme === badgeThemes[0] ? "" : theme],
    ["size", style !== "button" || size === badgeSizes[0] ? "" : size],
    ["label", label],
    ["cloud", cloud?.id ?? ""],
    ["count", count ? "true" : ""],
  ];
  return parameters.filter(([, value]) => value !== "");
}

const heights: Record<ShieldsStyle, number> = {
  flat: 20,
  "flat-square": 20,
  plastic: 18,
  "for-the-badge": 28,
  social: 20,
};

/** Returns a badge's height in pixels. */
export const badgeHeight = ({ style, size }: Pick<BadgeQuery, "style" | "size">): number =>
  style === "button" ? (size === "l" ? 40 : 32) : heights[style];
