import { formatCronField, formatRanges, parseCronField } from "../../../cron-fields.ts";

/**
 * Converts a cron expression to one that Cloud Scheduler accepts, in UTC, with the number of runs per month; null if invalid.
 * Every field is rewritten, because Cloud Scheduler does not document which variants it accepts: https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 */
export function schedule(cron: string): { expression: string; runsPerMonth: number } | null {
  const fields = cron.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minutes, hours, monthDays, months, weekDays] = fields.map(parseCronField);
  if (!minutes || !hours || !monthDays || !months || !weekDays) return null;
  const week = new Set([...weekDays].map((day) => day % 7));
  const everyWeekDay = week.size === 7;
  const everyDay = monthDays.size === 31;
  // Cron runs on a day that matches either day field, so with both set and one of them covering every day, it runs daily.
  const either = fields[2] !== "*" && fields[4] !== "*" && (everyDay || everyWeekDay);
  const days = either ? ["*", "*"] : [formatCronField(monthDays, 2), everyWeekDay ? "*" : formatRanges([...week])];
  const perWeek = week.size * 4.35;
  const daysPerMonth =
    everyDay || everyWeekDay
      ? either || (everyDay && everyWeekDay)
        ? 30.4
        : everyWeekDay
          ? monthDays.size
          : perWeek
      : monthDays.size + perWeek;
  return {
    expression: [
      formatCronField(minutes, 0),
      formatCronField(hours, 1),
      days[0],
      formatCronField(months, 3),
      days[1],
    ].join(" "),
    runsPerMonth: Math.round((minutes.size * hours.size * Math.min(daysPerMonth, 30.4) * months.size) / 12),
  };
}
