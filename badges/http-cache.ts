import { hash } from "node:crypto";
import type { BadgeState } from "./wording.ts";

// Cache lifetimes in seconds. GitHub's image proxy obeys `max-age`, and caches for a year without it. A button hardly
// ever changes; a problem should disappear from the README soon after it is fixed.
const minute = 60;
const hour = 60 * minute;
const maxAge = (age: number) => `public, max-age=${age}`;
/** While we are down, an old button is better than none. */
const withStale = (age: number) => `${maxAge(age)}, stale-while-revalidate=86400, stale-if-error=604800`;

const buttonPolicy = withStale(3 * hour);
const countPolicy = withStale(hour);
const policies: Record<Exclude<BadgeState["kind"], "ready">, string> = {
  missing: maxAge(5 * minute),
  "no-ref": maxAge(5 * minute),
  "no-path": maxAge(5 * minute),
  broken: maxAge(5 * minute),
  lapsed: maxAge(5 * minute),
  blocked: maxAge(hour),
  "not-offered": maxAge(5 * minute),
  unsure: maxAge(minute),
  error: maxAge(minute),
};

/** Returns a badge's `Cache-Control`. */
export const cacheControl = (state: BadgeState, count: boolean): string =>
  state.kind !== "ready" ? policies[state.kind] : count ? countPolicy : buttonPolicy;

/** Returns a strong `ETag`. It costs as much as drawing a button, so it is computed once per badge, not per request. */
export const etagOf = (body: string): string => `"${hash("sha1", body, "base64url")}"`;
