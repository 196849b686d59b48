import { drawButton } from "./button.ts";
import type { Theme, Tone } from "./colors.ts";
import { cacheControl, etagOf } from "./http-cache.ts";
import type { MarkId } from "./logos.ts";
import { type BadgeStyle, longestText, readBadgeQuery } from "./query.ts";
import { drawShield } from "./shields.ts";
import { clean } from "./text.ts";
import { type BadgeState, wording } from "./wording.ts";

export type { BadgeQuery } from "./query.ts";
export {
  badgeHeight,
  badgeSizes,
  badgeStyles,
  badgeThemes,
  longestText,
  readBadgeQuery,
  writeBadgeQuery,
} from "./query.ts";
export type { BadgeState } from "./wording.ts";

export interface BadgeOptions {
  style: BadgeStyle;
  theme: Theme;
  /** The button's height: 32 or 40 pixels. The shields styles have heights of their own. */
  size: "m" | "l";
  label: string;
  message: string;
  /** What a screen reader says; label and message when absent. */
  name?: string;
  tone?: Tone;
  logo?: MarkId;
}

/** An SVG document in ASCII, well formed whatever the texts are. */
export function renderBadge(options: BadgeOptions): string {
  const label = clean(options.label, longestText);
  const message = clean(options.message, longestText);
  const name = clean(options.name ?? [label, message].filter(Boolean).join(": "), 2 * longestText);
  const { style, theme, size, tone = "accent", logo = "slipway" } = options;
  if (style === "button") return drawButton({ theme, size, label, message, name, tone, logo });
  return drawShield({ style, theme, label, message, name, tone, logo });
}

export interface Badge {
  body: string;
  etag: string;
  cacheControl: string;
}

/** The answer to a badge's URL: its image, and how long others may keep it. */
export function badgeFor(query: URLSearchParams, state: BadgeState): Badge {
  const read = readBadgeQuery(query);
  const body = renderBadge({ ...read, ...wording(read, state) });
  return { body, etag: etagOf(body), cacheControl: cacheControl(state, read.count) };
}
