const freshMs = 5_000;
/** The length of a page depends on a stranger's manifest, so long ones are not cached. */
const maxPages = 200;
const maxPageLength = 200_000;

/** Caches rendered pages for five seconds, by key. A page rendered from another `source` object is rendered again at once. */
export function createPageCache(now: () => Date) {
  const cache = new Map<string, { source: object; expires: number; text: string }>();
  return async function cachedPage(key: string, source: object, render: () => unknown): Promise<string> {
    const time = now().getTime();
    const cached = cache.get(key);
    if (cached && cached.source === source && time < cached.expires) return cached.text;
    const text = String(await render());
    cache.delete(key);
    if (text.length > maxPageLength) return text;
    if (cache.size >= maxPages) cache.delete(cache.keys().next().value ?? "");
    cache.set(key, { source, expires: time + freshMs, text });
    return text;
  };
}
