/** Days, both included, as `2026-11-22` in UTC. */
export interface Range {
  from: string;
  to: string;
}

const day = 24 * 60 * 60 * 1000;
const longest = 3660;

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && dayAfter(text, 0) === text;

/** The day so many days after another; an empty text for what is no day. */
export function dayAfter(from: string, days: number): string {
  const time = Date.parse(from) + days * day;
  return Number.isNaN(time) ? "" : new Date(time).toISOString().slice(0, 10);
}

export const presets = ["7", "30", "90", "365", "all"] as const;
export type Preset = (typeof presets)[number];

/** What was asked for, as far as there are such days; the last thirty otherwise. */
export function rangeOf(
  asked: { days?: string | undefined; from?: string | undefined; to?: string | undefined },
  { today, first }: { today: string; first: string | null },
): Range & { preset: Preset | null } {
  if (isDay(asked.from) || isDay(asked.to)) {
    const end = isDay(asked.to) && asked.to < today ? asked.to : today;
    const begin = isDay(asked.from) ? asked.from : dayAfter(end, -29);
    const [from, to] = begin <= end ? [begin, end] : [end, begin < today ? begin : today];
    const earliest = dayAfter(to, 1 - longest);
    return { from: from < earliest ? earliest : from, to, preset: null };
  }
  const preset = presets.find((one) => one === asked.days) ?? "30";
  const from = preset === "all" ? (first ?? dayAfter(today, -29)) : dayAfter(today, 1 - Number(preset));
  return { from, to: today, preset };
}

/** Every day of a range, in order. */
export function daysOf({ from, to }: Range): string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / day) + 1;
  return Array.from({ length: count }, (_, index) => dayAfter(from, index));
}

/** The whole months that a range touches: sites, regions and versions are told by these only. */
export function monthsOf({ from, to }: Range): Range {
  const end = new Date(Date.UTC(Number(to.slice(0, 4)), Number(to.slice(5, 7)), 0));
  return { from: `${from.slice(0, 7)}-01`, to: end.toISOString().slice(0, 10) };
}
