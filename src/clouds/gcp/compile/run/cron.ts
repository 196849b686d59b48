import { formatCronField, formatRanges, parseCronField } from "../../../cron-fields.ts";

/**
 * Five cron fields as Cloud Scheduler takes them, in UTC, and how often it is their time; null when they are no cron.
 * Written anew, because what it is lenient about is not written down: https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 */
export function schedule(cron: string): { expression: string; runsPerMonth: number } | null {
  const fields = cron.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minutes, hours, monthDays, months, weekDays] = fields.map(parseCronField);
  if (!minutes || !hours || !monthDays || !months || !weekDays) return null;
  const week = new Set([...weekDays].map((day) => day % 7));
  const everyWeekDay = week.size === 7;
  const everyDay = monthDays.size === 31;
  // Cron runs on either of the days when both are given: with one of them every day, it is every day.
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
