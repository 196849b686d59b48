/** What a visit is counted under that comes from nowhere, or from a page of ours. */
export const direct = "direct";
/** ... and one that comes from what is no public site: an app, an address, a name inside somebody's network. */
export const elsewhere = "elsewhere";

/** The host of a `Referer`, and nothing else of it. `origin` is ours. */
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
