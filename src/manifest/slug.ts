/** Returns a slug of the first usable name: a-z, 0-9 and dashes, starts with a letter, at most 30 characters. */
export function slugOf(...names: string[]): string {
  for (const name of names) {
    const normalized = name
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}/gu, "")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+/, "");
    if (normalized === "" || normalized === "-") continue;
    const started = /^[a-z]/.test(normalized) ? normalized : `app-${normalized}`;
    return started.slice(0, 30).replace(/-+$/, "");
  }
  return "app";
}
