/** The kind of client, by its `User-Agent`. `proxy`: an image proxy that fetches and caches for many readers. */
export type AgentKind = "person" | "proxy" | "machine";

type Headers = Record<string, string | string[] | undefined>;

// GitHub's is `github-camo (…)`, its source's `Camo Asset Proxy` (https://github.com/atmos/camo), Gmail's `GoogleImageProxy`.
const proxies = /\bcamo\b|image ?proxy|img ?proxy|asset ?proxy/i;
/** Every browser starts like this; HTTP libraries do not. */
const browsers = /^(?:Mozilla|Opera)\/\d/;
/** Robots that pose as browsers name themselves or a URL about them. */
const robots =
  /bot\b|bot[/_;-]|crawl|spider|slurp|headless|lighthouse|pagespeed|preview|prerender|scan(?:ner)?\b|monitor|pingdom|uptime|phantom|puppeteer|playwright|selenium|httrack|facebookexternalhit|embedly|https?:\/\//i;
/** No browser sends a longer one; limits the cost of matching. */
const maxLength = 512;
const maxEntries = 1000;

/** Creates a classifier of `User-Agent` with a cache: a thousand entries cover nearly all clients. */
export function createAgentClassifier(): (agent: string | undefined) => AgentKind {
  const cache = new Map<string, AgentKind>();
  return (agent) => {
    if (!agent || agent.length > maxLength) return "machine";
    const cached = cache.get(agent);
    if (cached) return cached;
    const kind = proxies.test(agent) ? "proxy" : browsers.test(agent) && !robots.test(agent) ? "person" : "machine";
    if (cache.size >= maxEntries) cache.clear();
    cache.set(agent, kind);
    return kind;
  };
}

/** Whether the browser is prefetching a page that may never be shown. */
export function isPrefetch(headers: Headers): boolean {
  const purpose = headers["sec-purpose"] ?? headers.purpose ?? headers["x-purpose"] ?? headers["x-moz"];
  return purpose !== undefined && /prefetch|prerender|preview/i.test(String(purpose));
}

/** Whether the request is a page navigation; true if the browser does not say. */
export function isNavigation(headers: Headers): boolean {
  const dest = headers["sec-fetch-dest"];
  return dest === undefined || dest === "document";
}
