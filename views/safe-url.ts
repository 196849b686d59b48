const HERE = "https://here.invalid";
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Returns a URL that is safe in `href` or `src`: https, http on loopback, or a path on our own origin.
 * Null for everything else; the caller then shows the text without a link.
 */
export function safeUrl(url: string): string | null {
  // The URL parser decides, as in browsers: it drops tabs and reads "/\" as "//", so a prefix check is not enough.
  const parsed = URL.parse(url, HERE);
  if (parsed === null) return null;
  if (url.startsWith("/")) return parsed.origin === HERE ? parsed.pathname + parsed.search + parsed.hash : null;
  if (!/^https?:\/\//i.test(url) || parsed.username !== "" || parsed.password !== "") return null;
  if (parsed.protocol === "https:" || LOOPBACK.test(parsed.hostname)) return parsed.href;
  return null;
}
