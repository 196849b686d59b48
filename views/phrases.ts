import type { ResourceType } from "../src/app.ts";

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const whole = new Intl.NumberFormat("en-US");

export const number = (n: number) => (n >= 0 && n < 1000 ? String(n) : whole.format(n));

/** US dollars a month, in words where a number would mislead. */
export function money(monthly: number | null, cloud: string): string {
  if (monthly === null) return "price not known";
  return monthly === 0 && cloud === "local" ? "free" : dollars.format(monthly);
}

export const plural = (n: number, one: string, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

/** Milliseconds as m:ss, or h:mm:ss. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** `1 November 2026`; what is no date is shown as it came. */
export function day(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : days.format(date);
}

/** `22 November 2026, 13:05 UTC` */
export function moment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${days.format(date)}, ${clock.format(date)} UTC`;
}

/** A cloud's name inside a sentence. */
export const place = (cloud: { id: string; name: string }) => (cloud.id === "local" ? "this machine" : cloud.name);

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
