import type { Theme } from "./colors.ts";
import { type BadgeCloud, isBadgeCloud } from "./logos.ts";
import type { ShieldsStyle } from "./shields.ts";
import { clean } from "./text.ts";

export type BadgeStyle = "button" | ShieldsStyle;

export interface BadgeQuery {
  style: BadgeStyle;
  theme: Theme;
  size: "m" | "l";
  /** Empty: we choose. */
  label: string;
  cloud: BadgeCloud | null;
  count: boolean;
}

export const badgeStyles = ["button", "flat", "flat-square", "plastic", "for-the-badge", "social"] as const;
export const badgeThemes = ["auto", "light", "dark"] as const;
export const badgeSizes = ["m", "l"] as const;
/** The longest text of a badge, in letters as a reader counts them. */
export const longestText = 48;

/** The parameters of a badge's URL. What makes no sense counts as absent: an image has no place for complaints. */
export function readBadgeQuery(query: URLSearchParams): BadgeQuery {
  const word = (key: string) => (query.get(key) ?? "").trim().toLowerCase();
  const pick = <T extends string>(key: string, words: readonly [T, ...T[]]): T =>
    words.find((one) => one === word(key)) ?? words[0];
  const cloud = word("cloud");
  return {
    style: pick("style", badgeStyles),
    theme: pick("theme", badgeThemes),
    size: pick("size", badgeSizes),
    label: clean(query.get("label") ?? "", longestText),
    cloud: isBadgeCloud(cloud) ? cloud : null,
    count: ["true", "1"].includes(word("count")),
  };
}

/** The parameters that ask for this badge: what is so anyway is left out. */
export function writeBadgeQuery({ style, theme, size, label, cloud, count }: BadgeQuery): [string, string][] {
  const all: [string, string][] = [
    ["style", style === badgeStyles[0] ? "" : style],
    ["theme", theme === badgeThemes[0] ? "" : theme],
    ["size", style !== "button" || size === badgeSizes[0] ? "" : size],
    ["label", label],
    ["cloud", cloud ?? ""],
    ["count", count ? "true" : ""],
  ];
  return all.filter(([, value]) => value !== "");
}

const heights: Record<ShieldsStyle, number> = {
  flat: 20,
  "flat-square": 20,
  plastic: 18,
  "for-the-badge": 28,
  social: 20,
};

/** How high the badge is, in pixels, whatever it says. */
export const badgeHeight = ({ style, size }: Pick<BadgeQuery, "style" | "size">): number =>
  style === "button" ? (size === "l" ? 40 : 32) : heights[style];
