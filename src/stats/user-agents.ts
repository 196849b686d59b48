/** Who asks, by what it says of itself. `proxy`: fetches images for others, and keeps a copy. */
export type AgentKind = "person" | "proxy" | "machine";

type Headers = Record<string, string | string[] | undefined>;

// GitHub's is `github-camo (…)`, its source's `Camo Asset Proxy` (https://github.com/atmos/camo), Gmail's `GoogleImageProxy`.
const proxies = /\bcamo\b|image ?proxy|img ?proxy|asset ?proxy/i;
/** Every browser has begun like this since the nineties; what programs are written with does not. */
const browsers = /^(?:Mozilla|Opera)\/\d/;
/** Robots that pose as browsers: they say what they are, or where to read about them. */
const robots =
  /bot\b|bot[/_;-]|crawl|spider|slurp|headless|lighthouse|pagespeed|preview|prerender|scan(?:ner)?\b|monitor|pingdom|uptime|phantom|puppeteer|playwright|selenium|httrack|facebookexternalhit|embedly|https?:\/\//i;
/** No browser has a longer one, and nobody shall keep us busy reading. */
const longest = 512;
const kept = 1000;

/** Reads `User-Agent`, remembering those it saw: a thousand cover nearly everybody. */
export function createAgentClassifier(): (agent: string | undefined) => AgentKind {
  const known = new Map<string, AgentKind>();
  return (agent) => {
    if (!agent || agent.length > longest) return "machine";
    const found = known.get(agent);
    if (found) return found;
    const is = proxies.test(agent) ? "proxy" : browsers.test(agent) && !robots.test(agent) ? "person" : "machine";
    if (known.size >= kept) known.clear();
    known.set(agent, is);
    return is;
  };
}

/** Whether a browser asks ahead, for what may never be looked at. */
export function isPrefetch(headers: Headers): boolean {
  const purpose = headers["sec-purpose"] ?? headers.purpose ?? headers["x-purpose"] ?? headers["x-moz"];
  return purpose !== undefined && /prefetch|prerender|preview/i.test(String(purpose));
}

/** Whether what is asked for is to be shown as a page, as far as the browser says. */
export function isNavigation(headers: Headers): boolean {
  const dest = headers["sec-fetch-dest"];
  return dest === undefined || dest === "document";
}
