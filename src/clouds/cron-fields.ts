const bounds: readonly (readonly [low: number, high: number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The numbers that the field at that place of a cron line means; null when it is none. */
export function parseCronField(field: string, index: number): Set<number> | null {
  const [low, high] = bounds[index] ?? [0, 59];
  const all = new Set<number>();
  for (const part of field.split(",")) {
    const [, from, to, step] = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (from === undefined || (from === "*" && to !== undefined)) return null;
    const every = step === undefined ? 1 : Number(step);
    const begin = from === "*" ? low : number(from, index);
    const end = to !== undefined ? number(to, index) : from === "*" || step !== undefined ? high : begin;
    const inside = [begin, end].every((edge) => edge >= low && edge <= high);
    if (!inside || every === 0) return null;
    const last = end < begin ? end + (high - low + 1) : end;
    for (let value = begin; value <= last; value += every) all.add(value > high ? value - (high - low + 1) : value);
  }
  return all;
}

function number(text: string, index: number): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const named = index === 3 ? months.indexOf(text) + 1 : index === 4 ? days.indexOf(text) : 0;
  return (index === 3 && named > 0) || (index === 4 && named >= 0) ? named : Number.NaN;
}

/** Numbers as a field of cron: `*` when they are all there are at that place. */
export function formatCronField(set: Set<number>, index: number): string {
  const [low, high] = bounds[index] ?? [0, 59];
  return set.size === high - low + 1 ? "*" : formatRanges([...set]);
}

/** `1,2,3,7` as `1-3,7`: clouds limit how long a schedule may be. */
export function formatRanges(values: number[]): string {
  const parts: [number, number][] = [];
  for (const value of values.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === value - 1) last[1] = value;
    else parts.push([value, value]);
  }
  return parts
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(",");
}
