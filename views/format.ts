import type { ResourceType } from "../src/app.ts";

// By hand: to load what `Intl` knows of all languages costs 8 MB and 15 ms, and these pages speak one.
const thousands = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

export const formatNumber = (n: number) => thousands(String(n));

function dollars(amount: number): string {
  const [whole = "", cents] = Math.abs(amount).toFixed(2).split(".");
  return `${amount < 0 ? "-" : ""}$${thousands(whole)}.${cents}`;
}

/** US dollars a month, in words where a number would mislead. */
export function money(monthly: number | null, billed: boolean): string {
  if (monthly === null) return "price not known";
  return monthly === 0 && !billed ? "free" : dollars(monthly);
}

export const plural = (n: number, one: string, many = `${one}s`) => `${formatNumber(n)} ${n === 1 ? one : many}`;

/** A share from 0 to 1; what is little, to one place. */
export const percent = (share: number) => {
  const hundred = share * 100;
  return `${hundred < 10 && hundred > 0 ? hundred.toFixed(1) : hundred.toFixed(0)} %`;
};

/** Milliseconds as m:ss, or h:mm:ss. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const months = "January February March April May June July August September October November December".split(" ");
const days = (date: Date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;

/** `1 November 2026`; what is no date is shown as it came. */
export function longDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : days(date);
}

/** `22 Nov` */
export function shortDate(iso: string): string {
  const date = new Date(iso);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]?.slice(0, 3)}`;
}

/** `22 November 2026, 13:05 UTC` */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${days(date)}, ${date.toISOString().slice(11, 16)} UTC`;
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
