/** A path of our own, with its query, as a link or a form gave it; null when it would lead anywhere else. */
export function sameOriginPath(to: string | undefined, origin: string): string | null {
  if (!to?.startsWith("/") || to.length > 2000) return null;
  const url = URL.parse(to, origin);
  // As browsers read it: `//host` and `/\host` are other sites.
  return url?.origin === new URL(origin).origin && !url.pathname.startsWith("//") ? url.pathname + url.search : null;
}
