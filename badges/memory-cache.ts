import type { Badge } from "./index.ts";

interface Entry<B> {
  badge: B;
  /** When it was drawn, in milliseconds. */
  at: number;
  /** Somebody asked for it since room was last needed. */
  used: boolean;
}

/** What a URL or an image costs besides its letters: its objects and its place in a map. */
const overhead = 300;

/**
 * Badges by URL, in at most `most` bytes. While there is room everything is kept. Then newcomers get what is left, an
 * eighth, and push out each other; only one that is asked for again takes the place of older ones that nobody wants.
 * So a burst of made-up URLs does not push out what READMEs show.
 */
export function createBadgeMemory<B extends Badge>(most: number) {
  const settled = new Map<string, Entry<B>>();
  const newcomers = new Map<string, Entry<B>>();
  // Most repositories have the same button, so each image is kept once, however many URLs show it.
  const images = new Map<string, { body: string; urls: number }>();
  let bytes = 0;

  const urlCost = (url: string) => url.length + overhead;
  const bodyCost = (body: string) => body.length + overhead;

  function add(url: string, badge: B, at: number): Entry<B> {
    // A copy in one byte a letter: what is left of replacing text may take two, and is slower to send.
    const image = images.get(badge.etag) ?? { body: Buffer.from(badge.body, "latin1").toString("latin1"), urls: 0 };
    if (image.urls++ === 0) {
      images.set(badge.etag, image);
      bytes += bodyCost(image.body);
    }
    bytes += urlCost(url);
    return { badge: { ...badge, body: image.body }, at, used: false };
  }

  function forget(from: Map<string, Entry<B>>, url: string): void {
    const badge = from.get(url)?.badge;
    const image = badge && images.get(badge.etag);
    if (!image) return;
    from.delete(url);
    bytes -= urlCost(url);
    if (--image.urls > 0) return;
    images.delete(badge.etag);
    bytes -= bodyCost(image.body);
  }

  /** Forgets the oldest that nobody asked for since the last time it was its turn. */
  function forgetUnused(): void {
    for (const [url, entry] of settled) {
      if (!entry.used) {
        forget(settled, url);
        return;
      }
      entry.used = false;
      settled.delete(url);
      settled.set(url, entry);
    }
  }

  function settle(url: string, entry: Entry<B>): void {
    const before = bytes;
    while (settled.size > 0 && before - bytes < urlCost(url) + bodyCost(entry.badge.body)) forgetUnused();
    newcomers.delete(url);
    settled.set(url, entry);
  }

  return {
    get(url: string): Readonly<Entry<B>> | undefined {
      const entry = settled.get(url);
      if (entry) {
        entry.used = true;
        return entry;
      }
      const newcomer = newcomers.get(url);
      if (newcomer) settle(url, newcomer);
      return newcomer;
    },

    put(url: string, badge: B, at: number): void {
      const known = settled.has(url);
      const entry = add(url, badge, at);
      forget(known ? settled : newcomers, url);
      const place = known || bytes <= (most * 7) / 8 ? settled : newcomers;
      place.set(url, entry);
      while (bytes > most) {
        const oldest = newcomers.keys().next().value;
        if (oldest === undefined) forgetUnused();
        else forget(newcomers, oldest);
      }
    },

    size: () => ({ urls: settled.size + newcomers.size, images: images.size, bytes }),
  };
}
