/** Requests a URL from the visitor's account without reaching private networks. Never throws. */
export type Probe = (url: string) => Promise<{ ok: true; status: number } | { ok: false; reason: string }>;

/**
 * Returns the status an app responds with, or the reason why it does not. URLs come from the visitor's account, so only
 * public host names are probed: never an IP address, a port of its choosing or a name of the local network.
 */
export async function probeUrl(probe: Probe, url: string): Promise<number | string> {
  const { protocol = "", hostname = "", port = "" } = URL.parse(url) ?? {};
  const isPublicName = /\.[a-z][a-z0-9-]*$/i.test(hostname) && !/\.(?:local|internal)$/i.test(hostname);
  if (!/^https?:$/.test(protocol) || !isPublicName || port !== "") return "this is no address on the internet";
  const result = await probe(url);
  return result.ok ? result.status : result.reason;
}
