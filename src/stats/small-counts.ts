/** Counts below this are not broken down by site, region or version (k-anonymity). */
export const suppressionThreshold = 5;

export interface Cell<What extends string> {
  value: string;
  month: string;
  what: What;
  count: number;
}

export interface Folded<What extends string> {
  /** By value, only counts that reach the threshold. */
  rows: Map<string, Partial<Record<What, number>>>;
  /** The sum of the suppressed counts, so that every column still adds up. */
  other: Partial<Record<What, number>>;
}

/**
 * Aggregates by value, folding every monthly count below the threshold into `other`. Months are folded separately, so
 * that no two date ranges differ by a single suppressed count.
 */
export function suppressSmallCounts<What extends string>(cells: Cell<What>[]): Folded<What> {
  const rows: Folded<What>["rows"] = new Map();
  const other: Partial<Record<string, number>> = {};
  const groups = Map.groupBy(cells, ({ value, month }) => `${month} ${value}`);
  for (const group of groups.values()) {
    const value = group[0]?.value ?? "";
    const counts = new Map<string, number>();
    for (const { what, count } of group) counts.set(what, (counts.get(what) ?? 0) + count);
    const shown = new Map([...counts].filter(([, count]) => value !== "" && count >= suppressionThreshold));
    const started = shown.get("start");
    if (started !== undefined) {
      // Starts minus the shown outcomes would reveal a suppressed number of failures.
      const ended = (shown.get("success") ?? 0) + (shown.get("failure") ?? 0);
      if (started > ended && started - ended < suppressionThreshold) shown.set("start", ended);
    }
    for (const [what, count] of counts) {
      const shownCount = shown.get(what) ?? 0;
      if (count > shownCount) other[what] = (other[what] ?? 0) + count - shownCount;
      if (shownCount === 0) continue;
      const row: Partial<Record<string, number>> = rows.get(value) ?? {};
      row[what] = (row[what] ?? 0) + shownCount;
      rows.set(value, row as Partial<Record<What, number>>);
    }
  }
  return { rows, other: other as Partial<Record<What, number>> };
}
