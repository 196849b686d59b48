/** How long a page that many ask for at once is not made again, in ms: short enough that nobody waits for news. */
const fresh = 5_000;
/** How many, and no longer than so many letters each: a page is as long as somebody's manifest. */
const most = { texts: 200, letters: 200_000 };

/**
 * Remembers texts that are dear to make: the same key with the same `of` gives the same text for five seconds.
 * `of` is what the text was made of; another object means another text at once.
 */
export function createPageCache(now: () => Date) {
  const kept = new Map<string, { of: object; until: number; text: string }>();
  return async function remember(key: string, of: object, make: () => unknown): Promise<string> {
    const time = now().getTime();
    const found = kept.get(key);
    if (found && found.of === of && time < found.until) return found.text;
    const text = String(await make());
    kept.delete(key);
    if (text.length > most.letters) return text;
    if (kept.size >= most.texts) kept.delete(kept.keys().next().value ?? "");
    kept.set(key, { of, until: time + fresh, text });
    return text;
  };
}
