import type { Badge } from "./index.ts";

interface Entry<B> {
  badge: B;
  /** When it was drawn, in ms. */
  at: number;
  /** Whether it was requested since the last eviction pass. */
  used: boolean;
}

/** Bytes per entry besides its text: objects and map slots. */
const overhead = 300;

/**
 * Creates a segmented LRU cache of badges by URL. Once seven eighths are full, new entries share the remaining eighth and
 * evict only each other; one that is requested again is promoted and evicts unused older ones. A burst of made-up URLs
 * therefore does not evict the badges that READMEs show.
 */
export function createBadgeMemory<B extends Badge>(maxBytes: number) {
  const protectedEntries = new Map<string, Entry<B>>();
  const probation = new Map<string, Entry<B>>();
  // Most repositories have the same button, so each image is stored once for all its URLs.
  const images = new Map<string, { body: string; urls: number }>();
  let bytes = 0;

  const urlCost = (url: string) => url.length + overhead;
  const bodyCost = (body: string) => body.length + overhead;

  function createEntry(url: string, badge: B, at: number): Entry<B> {
    // A one-byte copy: strings built by replacing may take two bytes a character, and are slower to send.
    const image = images.get(badge.etag) ?? { body: Buffer.from(badge.body, "latin1").toString("latin1"), urls: 0 };
    if (image.urls++ === 0) {
      images.set(badge.etag, image);
      bytes += bodyCost(image.body);
    }
    bytes += urlCost(url);
    return { badge: { ...badge, body: image.body }, at, used: false };
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
