import type { ResourceType } from "../src/app.ts";

// Not `Intl`: loading its locale data costs 8 MB and 15 ms, and the pages are in English only.
const groupThousands = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

export const formatNumber = (n: number) => groupThousands(String(n));

function dollars(amount: number): string {
  const [units = "", cents] = Math.abs(amount).toFixed(2).split(".");
  return `${amount < 0 ? "-" : ""}$${groupThousands(units)}.${cents}`;
}

/** Formats US dollars a month; as text if not known, or free on this machine. */
export function money(monthly: number | null, billed: boolean): string {
  if (monthly === null) return "price unknown";
  return monthly === 0 && !billed ? "free" : dollars(monthly);
}

export const plural = (n: number, singular: string, pluralForm = `${singular}s`) =>
  `${formatNumber(n)} ${n === 1 ? singular : pluralForm}`;

/** Formats a ratio from 0 to 1; below ten percent with one decimal. */
export const percent = (ratio: number) => {
  const value = ratio * 100;
  return `${value < 10 && value > 0 ? value.toFixed(1) : value.toFixed(0)} %`;
};

/** Formats milliseconds as m:ss or h:mm:ss. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const twoDigits = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

const months = "January February March April May June July August September October November December".split(" ");
const dayMonthYear = (date: Date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;

/** `1 November 2026`; an invalid date unchanged. */
export function longDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : dayMonthYear(date);
}

/** `22 Nov` */
export function shortDate(iso: string): string {
  const date = new Date(iso);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]?.slice(0, 3)}`;
}

/** `22 November 2026, 13:05 UTC`; an invalid date unchanged. */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${dayMonthYear(date)}, ${date.toISOString().slice(11, 16)} UTC`;
}

export const resourceName: Record<ResourceType, string> = {
  postgres: "Postgres",
  mysql: "MySQL",
  redis: "Redis",
  bucket: "File storage",
  smtp: "Outgoing mail",
  mongodb: "MongoDB",
  memcached: "Memcached",
  amqp: "Message queue",
};
