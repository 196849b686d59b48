const minLength = 6;

/** Returns a function that masks secrets in messages. Very short values are skipped: they would mask ordinary words. */
export function mask(secrets: Iterable<string>): (text: string) => string {
  const parts = new Set<string>();
  for (const secret of secrets)
    for (const part of [secret, encodeURIComponent(secret), ...secret.split(/\r?\n/)])
      if (part.trim().length >= minLength) parts.add(part);
  if (parts.size === 0) return (text) => text;
  const longestFirst = [...parts].sort((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((part) => RegExp.escape(part)).join("|"), "g");
  return (text) => text.replace(any, "•••");
}
