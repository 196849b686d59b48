import type { Size } from "../../app.ts";

const dynos: Record<string, Size> = {
  free: "S",
  eco: "S",
  hobby: "S",
  basic: "S",
  "1x": "S",
  "standard-1x": "S",
  "2x": "M",
  "standard-2x": "M",
  px: "L",
  "performance-m": "L",
  "performance-l": "XL",
  performance: "XL",
};

/** Returns the size closest to a Heroku dyno size, case-insensitively; undefined if unknown. */
export function dynoSize(name: string): Size | undefined {
  const normalized = name.trim().toLowerCase();
  if (Object.hasOwn(dynos, normalized)) return dynos[normalized];
  if (/^(private|shield)-(s|m|l)$/.test(normalized))
    return normalized.endsWith("s") ? "M" : normalized.endsWith("m") ? "L" : "XL";
  return /^(performance|private|shield|standard)-.*(l|xl|ram|\d)/.test(normalized) ? "XL" : undefined;
}

const order: readonly Size[] = ["S", "M", "L", "XL"];
const larger = (a: Size, b: Size): Size => (order.indexOf(a) > order.indexOf(b) ? a : b);

/** Returns the smallest size with enough memory (MB) and CPUs; S if neither is known. */
export function sizeFor(memory: number | undefined, cpus?: number | undefined): Size {
  const byMemory = memory === undefined || memory <= 512 ? "S" : memory <= 1024 ? "M" : memory <= 4096 ? "L" : "XL";
  const byCpu = cpus === undefined || cpus <= 1 ? "S" : cpus <= 2 ? "M" : cpus <= 4 ? "L" : "XL";
  return larger(byMemory, byCpu);
}

/** Parses `512Mi`, `1GB`, `2g`, `512M` or a number of bytes. MB. */
export function megabytes(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,20}(?:\.\d{1,20})?) *([kmgt]?)i?b?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const factor = { "": 1 / 1048576, k: 1 / 1024, m: 1, g: 1024, t: 1048576 }[unit.toLowerCase()];
  return factor === undefined ? undefined : Number(number) * factor;
}
