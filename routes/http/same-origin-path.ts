/** Returns a path of this site with its query; null if the input would lead to another site. */
export function sameOriginPath(to: string | undefined, origin: string): string | null {
  if (!to?.startsWith("/") || to.length > 2000) return null;
  const url = URL.parse(to, origin);
  // Browsers read `//host` and `/\host` as other sites.
  return url?.origin === new URL(origin).origin && !url.pathname.startsWith("//") ? url.pathname + url.search : null;
}
