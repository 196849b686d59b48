const bounds: readonly (readonly [low: number, high: number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * Five cron fields as the schedules of EventBridge that mean the same, in UTC; null when they are no cron. It takes two
 * when both a day of the month and a day of the week are given: cron runs on either, and EventBridge knows only one.
 */
export function schedules(cron: string): { expressions: string[]; runsPerMonth: number } | null {
  const fields = cron.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return null;
  const sets = fields.map((field, index) => numbers(field, index));
  const [minutes, hours, monthDays, monthSet, weekDays] = sets;
  if (!minutes || !hours || !monthDays || !monthSet || !weekDays) return null;
  const week = new Set([...weekDays].map((day) => day % 7));
  const time = `${text(minutes, 0)} ${text(hours, 1)}`;
  const month = text(monthSet, 3);
  const either = fields[2] !== "*" && fields[4] !== "*";
  const everyWeekDay = week.size === 7;
  const everyDay = monthDays.size === 31;
  if (either && (everyDay || everyWeekDay)) return schedules([fields[0], fields[1], "*", fields[3], "*"].join(" "));
  const byMonth = `cron(${time} ${text(monthDays, 2)} ${month} ? *)`;
  // EventBridge counts Sunday as 1.
  const byWeek = `cron(${time} ? ${month} ${runs([...week].map((day) => day + 1))} *)`;
  const daysPerMonth = everyWeekDay ? monthDays.size : everyDay ? week.size * 4.35 : monthDays.size + week.size * 4.35;
  return {
    expressions: everyWeekDay ? [byMonth] : everyDay ? [byWeek] : [byMonth, byWeek],
    runsPerMonth: Math.round((minutes.size * hours.size * Math.min(daysPerMonth, 30.4) * monthSet.size) / 12),
  };
}

/** The numbers that a field means; null when it is none. */
function numbers(field: string, index: number): Set<number> | null {
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

function text(set: Set<number>, index: number): string {
  const [low, high] = bounds[index] ?? [0, 59];
  return set.size === high - low + 1 ? "*" : runs([...set]);
}

/** `1,2,3,7` as `1-3,7`: a schedule may be no longer than 256 characters. */
function runs(values: number[]): string {
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
