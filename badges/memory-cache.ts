import type { Badge } from "./index.ts";

interface Entry<B> {
  badge: B;
  /** When it was drawn, in ms. */
  at: number;
  /** Whether it was requested since the last eviction pass. */
  used: boolean;
}

/** Heap bytes of an entry besides its URL and its repository: objects, headers of strings and map slots (measured). */
const entryOverhead = 340;
/** Heap bytes of an image besides its body. */
const imageOverhead = 300;

/**
 * Creates a segmented LRU cache of badges by URL. Once seven eighths are full, new entries share the remaining eighth and
 * evict only each other; one that is requested again is promoted and evicts unused older ones. A burst of made-up URLs
 * therefore does not evict the badges that READMEs show.
 */
export function createBadgeMemory<B extends Badge>(maxBytes: number) {
  const protectedEntries = new Map<string, Entry<B>>();
  const probation = new Map<string, Entry<B>>();
  // Most repositories have the same button, so each image is stored once for all its URLs.
  const images = new Map<string, { body: string; etag: string; cacheControl: string; urls: number }>();
  let bytes = 0;

  // Twice: what a caller keeps beside a badge, such as its repository, is cut from the URL or as long.
  const urlCost = (url: string) => 2 * url.length + entryOverhead;
  const bodyCost = (body: string) => body.length + imageOverhead;

  function createEntry(url: string, badge: B, at: number): Entry<B> {
    // A one-byte copy: strings built by replacing may take two bytes a character, and are slower to send.
    const { etag, cacheControl } = badge;
    const body = () => Buffer.from(badge.body, "latin1").toString("latin1");
    const image = images.get(etag) ?? { body: body(), etag, cacheControl, urls: 0 };
    if (image.urls++ === 0) {
      images.set(etag, image);
      bytes += bodyCost(image.body);
    }
    bytes += urlCost(url);
    // The image's own strings: equal ones of each badge would be kept once for every URL.
    const shared = cacheControl === image.cacheControl ? image.cacheControl : cacheControl;
    return { badge: { ...badge, body: image.body, etag: image.etag, cacheControl: shared }, at, used: false };
  }

  function evict(segment: Map<string, Entry<B>>, url: string): void {
    const badge = segment.get(url)?.badge;
    const image = badge && images.get(badge.etag);
    if (!image) return;
    segment.delete(url);
    bytes -= urlCost(url);
    if (--image.urls > 0) return;
    images.delete(badge.etag);
    bytes -= bodyCost(image.body);
  }

  /** Evicts the oldest entry that was not requested since the last pass (second chance). */
  function evictUnused(): void {
    for (const [url, entry] of protectedEntries) {
      if (!entry.used) {
        evict(protectedEntries, url);
        return;
      }
      entry.used = false;
      protectedEntries.delete(url);
      protectedEntries.set(url, entry);
    }
  }

  function promote(url: string, entry: Entry<B>): void {
    const before = bytes;
    while (protectedEntries.size > 0 && before - bytes < urlCost(url) + bodyCost(entry.badge.body)) evictUnused();
    probation.delete(url);
    protectedEntries.set(url, entry);
  }

  return {
    get(url: string): Readonly<Entry<B>> | undefined {
      const entry = protectedEntries.get(url);
      if (entry) {
        entry.used = true;
        return entry;
      }
      const candidate = probation.get(url);
      if (candidate) promote(url, candidate);
      return candidate;
    },

    put(url: string, badge: B, at: number): void {
      const isProtected = protectedEntries.has(url);
      const entry = createEntry(url, badge, at);
      evict(isProtected ? protectedEntries : probation, url);
      const segment = isProtected || bytes <= (maxBytes * 7) / 8 ? protectedEntries : probation;
      segment.set(url, entry);
      while (bytes > maxBytes) {
        const oldest = probation.keys().next().value;
        if (oldest === undefined) evictUnused();
        else evict(probation, oldest);
      }
    },

    size: () => ({ urls: protectedEntries.size + probation.size, images: images.size, bytes }),
  };
}
