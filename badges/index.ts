import { drawButton } from "./button.ts";
import type { Theme, Tone } from "./colors.ts";
import { cacheControl, etagOf } from "./http-cache.ts";
import { type BadgeCloud, type Mark, slipwayMark } from "./logos.ts";
import { type BadgeStyle, maxTextLength, readBadgeQuery } from "./query.ts";
import { drawShield } from "./shields.ts";
import { clean } from "./text.ts";
import { type BadgeState, wording } from "./wording.ts";

export type { BadgeQuery } from "./query.ts";
export {
  badgeHeight,
  badgeSizes,
  badgeStyles,
  badgeThemes,
  maxTextLength,
  readBadgeQuery,
  writeBadgeQuery,
} from "./query.ts";
export type { BadgeState } from "./wording.ts";

export interface BadgeOptions {
  style: BadgeStyle;
  theme: Theme;
  /** The button's height: 32 or 40 pixels. Ignored by the shields styles. */
  size: "m" | "l";
  label: string;
  message: string;
  /** Accessible name; label and message if absent. */
  name?: string;
  tone?: Tone;
  logo?: Mark;
}

/** Renders an ASCII SVG document, well formed for any text. */
export function renderBadge(options: BadgeOptions): string {
  const label = clean(options.label, maxTextLength);
  const message = clean(options.message, maxTextLength);
  const name = clean(options.name ?? [label, message].filter(Boolean).join(": "), 2 * maxTextLength);
  const { style, theme, size, tone = "accent", logo = slipwayMark } = options;
  if (style === "button") return drawButton({ theme, size, label, message, name, tone, logo });
  return drawShield({ style, theme, label, message, name, tone, logo });
}

export interface Badge {
  body: string;
  etag: string;
  cacheControl: string;
}

/** Returns the response to a badge's URL: image and cache headers. */
export function badgeFor(query: URLSearchParams, state: BadgeState, clouds: readonly BadgeCloud[] = []): Badge {
  const badge = readBadgeQuery(query, clouds);
  const body = renderBadge({ ...badge, ...wording(badge, state) });
  return { body, etag: etagOf(body), cacheControl: cacheControl(state, badge.count) };
}
