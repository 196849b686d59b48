/** Returns a function that makes names unique by a number. */
function uniqueNames(maxLength: number, numbered: (base: string, count: number) => string) {
  const used = new Set<string>();
  return (base: string): string => {
    let name = base.slice(0, maxLength);
    for (let count = 2; used.has(name); count++) name = numbered(base.slice(0, maxLength - 4), count);
    used.add(name);
    return name;
  };
}

/**
 * Returns a function for the logical ids of the manifest's items: letters and digits only. Our own ids begin with none
 * of these prefixes, and derived ids differ by their suffix, so that no two are equal.
 */
export function logicalIds() {
  const unique = uniqueNames(60, (base, count) => `${base}${count}`);
  return (prefix: "App" | "Data" | "Job" | "Schedule" | "Env", name: string): string => {
    const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    return unique(prefix + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""));
  };
}

/** Returns a function for step names, which are also ledger keys: a-z, 0-9 and dashes. */
export function uniqueStepNames(taken: readonly string[]) {
  const unique = uniqueNames(50, (base, count) => `${base}-${count}`);
  for (const name of taken) unique(name);
  return (name: string, kind: string): string => {
    const base = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "");
    return unique(taken.includes(base) ? `${kind}-${base}` : base || kind);
  };
}
