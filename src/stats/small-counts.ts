/** Fewer than this are not told apart by site, region or version. */
export const suppressionThreshold = 5;

export interface Cell<What extends string> {
  value: string;
  month: string;
  what: What;
  count: number;
}

export interface Folded<What extends string> {
  /** By value, only those that may be told apart. */
  rows: Map<string, Partial<Record<What, number>>>;
  /** All the others together, so that every column still adds up. */
  other: Partial<Record<What, number>>;
}

/**
 * Counts by value, in which everything below the threshold within a month is folded into the nameless rest. A month
 * folds by itself: no choice of dates can make two sums whose difference is one month's small number.
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
    const start = shown.get("start");
    if (start !== undefined) {
      // What was started and neither shown as succeeded nor as failed would give a small number of failures away.
      const ended = (shown.get("success") ?? 0) + (shown.get("failure") ?? 0);
      if (start > ended && start - ended < suppressionThreshold) shown.set("start", ended);
    }
    for (const [what, count] of counts) {
      const told = shown.get(what) ?? 0;
      if (count > told) other[what] = (other[what] ?? 0) + count - told;
      if (told === 0) continue;
      const row: Partial<Record<string, number>> = rows.get(value) ?? {};
      row[what] = (row[what] ?? 0) + told;
      rows.set(value, row as Partial<Record<What, number>>);
    }
  }
  return { rows, other: other as Partial<Record<What, number>> };
}
