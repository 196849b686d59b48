/**
 * Returns the status an app responds with, or the reason why it does not. URLs come from the visitor's account, so only
 * public host names over HTTP or HTTPS are requested.
 */
export async function probeUrl(fetch: typeof globalThis.fetch, url: string): Promise<number | string> {
  const { protocol = "", hostname = "" } = URL.parse(url) ?? {};
  if (!/^https?:$/.test(protocol) || !/\.[a-z][a-z0-9-]*$/i.test(hostname) || /\.(local|internal)$/i.test(hostname))
    return "this is no address on the internet";
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(15_000) });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    return cause instanceof Error ? cause.message : "no reason given";
  }
}
