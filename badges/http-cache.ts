import { hash } from "node:crypto";
import type { BadgeState } from "./wording.ts";

// How long others may keep a badge, in seconds. GitHub's image proxy obeys `max-age`, and keeps what has none for a
// year. A button hardly ever changes; a problem should be gone from the README soon after it is mended.
const minute = 60;
const hour = 60 * minute;
const plain = (age: number) => `public, max-age=${age}`;
/** When we are down, an old button is better than none. */
const working = (age: number) => `${plain(age)}, stale-while-revalidate=86400, stale-if-error=604800`;

const button = working(3 * hour);
const counting = working(hour);
const policies: Record<Exclude<BadgeState["kind"], "ready">, string> = {
  missing: plain(5 * minute),
  "no-ref": plain(5 * minute),
  "no-path": plain(5 * minute),
  broken: plain(5 * minute),
  lapsed: plain(5 * minute),
  blocked: plain(hour),
  "not-offered": plain(5 * minute),
  unsure: plain(minute),
  error: plain(minute),
};

/** The `Cache-Control` of a badge. */
export const cacheControl = (state: BadgeState, count: boolean): string =>
  state.kind !== "ready" ? policies[state.kind] : count ? counting : button;

/** A strong `ETag`. It costs as much as drawing a button, so it is made once for each badge, not for each request. */
export const etagOf = (body: string): string => `"${hash("sha1", body, "base64url")}"`;
