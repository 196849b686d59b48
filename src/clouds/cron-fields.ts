const bounds: readonly (readonly [low: number, high: number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Returns the values that a cron field selects; `index` is its position in the line. null if it is invalid. */
export function parseCronField(field: string, index: number): Set<number> | null {
  const [low, high] = bounds[index] ?? [0, 59];
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [, from, to, step] = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (from === undefined || (from === "*" && to !== undefined)) return null;
    const increment = step === undefined ? 1 : Number(step);
    const start = from === "*" ? low : parseValue(from, index);
    const end = to !== undefined ? parseValue(to, index) : from === "*" || step !== undefined ? high : start;
    const isInBounds = [start, end].every((edge) => edge >= low && edge <= high);
    if (!isInBounds || increment === 0) return null;
    const last = end < start ? end + (high - low + 1) : end;
    for (let value = start; value <= last; value += increment)
      values.add(value > high ? value - (high - low + 1) : value);
  }
  return values;
}

function parseValue(text: string, index: number): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const nameIndex = index === 3 ? months.indexOf(text) + 1 : index === 4 ? days.indexOf(text) : 0;
  return (index === 3 && nameIndex > 0) || (index === 4 && nameIndex >= 0) ? nameIndex : Number.NaN;
}

/** Formats values as a cron field: `*` if they are all possible ones. */
export function formatCronField(set: Set<number>, index: number): string {
  const [low, high] = bounds[index] ?? [0, 59];
  return set.size === high - low + 1 ? "*" : formatRanges([...set]);
}

/** Formats `1,2,3,7` as `1-3,7`, because clouds limit the length of a schedule. */
export function formatRanges(values: number[]): string {
  const ranges: [number, number][] = [];
  for (const value of values.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === value - 1) last[1] = value;
    else ranges.push([value, value]);
  }
  return ranges
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(",");
}
