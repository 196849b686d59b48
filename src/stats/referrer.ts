/** Visits without a referrer, or from one of our own pages. */
export const direct = "direct";
/** Visits from anything but a public site: an app, an IP address, an internal host name. */
export const elsewhere = "elsewhere";

/** Returns only the host of a `Referer`. `origin`: our own. */
export function referrerSite(referer: string | undefined, origin: string): string {
  if (!referer) return direct;
  const url = referer.length > 4096 ? null : URL.parse(referer);
  if (url === null || url.origin === origin) return direct;
  const host = url.hostname
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^www\./, "");
  const isPublic =
    /^https?:$/.test(url.protocol) &&
    host.length <= 100 &&
    /^(?:[a-z\d_-]{1,63}\.)+[a-z][a-z\d-]{1,62}$/.test(host) &&
    !/\.(?:local|localhost|localdomain|internal|intranet|lan|home|corp|arpa|test|invalid|onion)$/.test(host);
  return isPublic ? host : elsewhere;
}
