import type { Line } from "../plan.ts";

/** The hours of an average month, as clouds count them in their own estimates. */
export const hoursPerMonth = 730;

export const roundToCents = (usd: number): number => Math.round(usd * 100) / 100;

/** Returns the monthly total of the lines that have a price. */
export const sumLines = (lines: Line[]): number =>
  roundToCents(lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0));
