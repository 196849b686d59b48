/**
 * The status that an app answers with, or why there is none. Addresses come out of the visitor's account: only real
 * names over HTTP and TLS are asked.
 */
export async function probeUrl(fetch: typeof globalThis.fetch, url: string): Promise<number | string> {
  const { protocol = "", hostname = "" } = URL.parse(url) ?? {};
  if (!/^https?:$/.test(protocol) || !/\.[a-z][a-z0-9-]*$/i.test(hostname) || /\.(local|internal)$/i.test(hostname))
    return "this is no address on the internet";
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(15_000) });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    return cause instanceof Error ? cause.message : "no reason given";
  }
}
