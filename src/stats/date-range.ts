/** Inclusive days in UTC, such as `2026-11-22`. */
export interface Range {
  from: string;
  to: string;
}

const day = 24 * 60 * 60 * 1000;
const maxDays = 3660;

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && dayAfter(text, 0) === text;

/** Adds days to a date; empty if `from` is not a valid date. */
export function dayAfter(from: string, days: number): string {
  const time = Date.parse(from) + days * day;
  return Number.isNaN(time) ? "" : new Date(time).toISOString().slice(0, 10);
}

export const presets = ["7", "30", "90", "365", "all"] as const;
export type Preset = (typeof presets)[number];

/** Returns the requested range, limited to valid days up to today; the last thirty days by default. */
export function rangeOf(
  query: { days?: string | undefined; from?: string | undefined; to?: string | undefined },
  { today, first }: { today: string; first: string | null },
): Range & { preset: Preset | null } {
  if (isDay(query.from) || isDay(query.to)) {
    const end = isDay(query.to) && query.to < today ? query.to : today;
    const start = isDay(query.from) ? query.from : dayAfter(end, -29);
    const [from, to] = start <= end ? [start, end] : [end, start < today ? start : today];
    const earliest = dayAfter(to, 1 - maxDays);
    return { from: from < earliest ? earliest : from, to, preset: null };
  }
  const preset = presets.find((name) => name === query.days) ?? "30";
  const from = preset === "all" ? (first ?? dayAfter(today, -29)) : dayAfter(today, 1 - Number(preset));
  return { from, to: today, preset };
}

/** Returns every day of a range, in order. */
export function daysOf({ from, to }: Range): string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / day) + 1;
  return Array.from({ length: count }, (_, index) => dayAfter(from, index));
}

/** Widens a range to whole months, the only unit in which sites, regions and versions are shown. */
export function monthsOf({ from, to }: Range): Range {
  const end = new Date(Date.UTC(Number(to.slice(0, 4)), Number(to.slice(5, 7)), 0));
  return { from: `${from.slice(0, 7)}-01`, to: end.toISOString().slice(0, 10) };
}
