import { formatCronField, formatRanges, parseCronField } from "../../../cron-fields.ts";

/**
 * Converts five cron fields to EventBridge expressions in UTC; null if they are not valid cron. Cron with both a day of
 * the month and a day of the week runs on either; EventBridge takes only one of them, so it becomes two expressions.
 */
export function schedules(cron: string): { expressions: string[]; runsPerMonth: number } | null {
  const fields = cron.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return null;
  const values = fields.map((field, index) => parseCronField(field, index));
  const [minutes, hours, monthDays, monthSet, weekDays] = values;
  if (!minutes || !hours || !monthDays || !monthSet || !weekDays) return null;
  const week = new Set([...weekDays].map((day) => day % 7));
  const time = `${formatCronField(minutes, 0)} ${formatCronField(hours, 1)}`;
  const month = formatCronField(monthSet, 3);
  const isEither = fields[2] !== "*" && fields[4] !== "*";
  const everyWeekDay = week.size === 7;
  const everyDay = monthDays.size === 31;
  if (isEither && (everyDay || everyWeekDay)) return schedules([fields[0], fields[1], "*", fields[3], "*"].join(" "));
  const byMonth = `cron(${time} ${formatCronField(monthDays, 2)} ${month} ? *)`;
  // EventBridge counts Sunday as 1.
  const byWeek = `cron(${time} ? ${month} ${formatRanges([...week].map((day) => day + 1))} *)`;
  const daysPerMonth = everyWeekDay ? monthDays.size : everyDay ? week.size * 4.35 : monthDays.size + week.size * 4.35;
  return {
    expressions: everyWeekDay ? [byMonth] : everyDay ? [byWeek] : [byMonth, byWeek],
    runsPerMonth: Math.round((minutes.size * hours.size * Math.min(daysPerMonth, 30.4) * monthSet.size) / 12),
  };
}
