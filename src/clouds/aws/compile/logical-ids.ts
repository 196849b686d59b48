/** Gives each name once, told apart by a number. */
function once(longest: number, numbered: (plain: string, count: number) => string) {
  const used = new Set<string>();
  return (plain: string): string => {
    let name = plain.slice(0, longest);
    for (let count = 2; used.has(name); count++) name = numbered(plain.slice(0, longest - 4), count);
    used.add(name);
    return name;
  };
}

/**
 * Logical ids for things a manifest names: letters and digits only. Ours begin with none of the prefixes used for
 * these, and what is made for one of them differs by its ending, so that no two can meet.
 */
export function logicalIds() {
  const free = once(60, (plain, count) => `${plain}${count}`);
  return (prefix: "App" | "Data" | "Job" | "Schedule" | "Env", name: string): string => {
    const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    return free(prefix + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""));
  };
}

/** Names of steps, which are also part of the ledger: a-z, 0-9 and dashes. */
export function uniqueStepNames(taken: readonly string[]) {
  const free = once(50, (plain, count) => `${plain}-${count}`);
  for (const name of taken) free(name);
  return (name: string, kind: string): string => {
    const plain = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "");
    return free(taken.includes(plain) ? `${kind}-${plain}` : plain || kind);
  };
}
