import { hash } from "node:crypto";
import type { BadgeState } from "./wording.ts";

const minute = 60;
const hour = 60 * minute;

/**
 * How long others may keep a badge, in seconds. GitHub's image proxy obeys `max-age`, and keeps what has none for a
 * year. A button hardly ever changes; a problem should be gone from the README soon after it is mended.
 */
function maxAge(state: BadgeState, count: boolean): number {
  switch (state.kind) {
    case "ready":
      return count ? hour : 3 * hour;
    case "blocked":
      return hour;
    case "missing":
    case "no-ref":
    case "no-path":
    case "broken":
      return 5 * minute;
    case "unsure":
    case "error":
      return minute;
  }
}

/** The `Cache-Control` of a badge. When we are down, an old image is better than none. */
export function cacheControl(state: BadgeState, count: boolean): string {
  const age = maxAge(state, count);
  const whenStale = state.kind === "ready" ? ", stale-while-revalidate=86400, stale-if-error=604800" : "";
  return `public, max-age=${age}${whenStale}`;
}

/** A strong `ETag`. It costs as much as drawing a button, so it is made once for each badge, not for each request. */
export const etagOf = (body: string): string => `"${hash("sha1", body, "base64url")}"`;
