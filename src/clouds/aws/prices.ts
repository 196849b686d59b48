import type { Line } from "../../plan.ts";
import { regions } from "./regions.ts";

/** When these figures were looked up. USD, before tax, traffic, and what a free tier takes off. */
export const asOf = "2026-11-22";
const hours = 730;

/** Where a figure comes from. */
export const sources = {
  list: "AWS Price List (pricing.us-east-1.amazonaws.com/offers/v1.0/aws), as quoted from it in 2025 and 2026",
  page: "AWS's pricing page of the service, as quoted in 2025 and 2026",
  bill: "Cost divided by quantity on AWS bills that people published in 2026",
  estimate: "Estimated from the next region; not seen in the Price List",
} as const;
type Source = keyof typeof sources;
type Figure = [usd: number, source: Source];

/** One figure for each region, in the order of `regions`. */
const row = (...figures: [Figure, Figure, Figure, Figure, Figure]) => figures;
const everywhere = (usd: number, source: Source) =>
  row([usd, source], [usd, source], [usd, source], [usd, source], [usd, source]);

/** By the hour, but for what says month or GB. */
export const rates = {
  cpu: row([0.04048, "list"], [0.04048, "bill"], [0.04656, "list"], [0.04257, "bill"], [0.05056, "page"]),
  memory: row([0.004445, "list"], [0.004445, "page"], [0.00511, "list"], [0.004445, "bill"], [0.00553, "page"]),
  balancer: row([0.0225, "list"], [0.0252, "bill"], [0.027, "bill"], [0.0239, "list"], [0.0252, "estimate"]),
  address: everywhere(0.005, "list"),
  nat: row([0.045, "list"], [0.048, "estimate"], [0.052, "page"], [0.056, "bill"], [0.059, "estimate"]),
  /** db.t4g.micro, one zone, Postgres or MySQL. */
  database: row([0.016, "list"], [0.017, "bill"], [0.019, "bill"], [0.021, "list"], [0.025, "estimate"]),
  databaseGbMonth: row([0.115, "list"], [0.127, "estimate"], [0.137, "estimate"], [0.131, "list"], [0.138, "estimate"]),
  /** cache.t4g.micro with Valkey. */
  cache: row([0.0128, "page"], [0.0136, "estimate"], [0.0144, "estimate"], [0.016, "list"], [0.0192, "estimate"]),
  secretMonth: everywhere(0.4, "page"),
  logGb: row([0.5, "page"], [0.57, "page"], [0.63, "estimate"], [0.67, "estimate"], [0.7, "estimate"]),
  imageGbMonth: everywhere(0.1, "page"),
  bucketGbMonth: row([0.023, "page"], [0.023, "page"], [0.0245, "page"], [0.025, "page"], [0.025, "page"]),
};

/** How many times the smallest of its kind a class costs, from the list of us-east-1. */
const classes: Record<string, number> = {
  "db.t4g.micro": 1,
  "db.t4g.small": 2,
  "db.t4g.medium": 4.06,
  "db.t4g.large": 8.06,
  "db.t4g.xlarge": 16.1,
  "cache.t4g.micro": 1,
  "cache.t4g.small": 2,
  "cache.t4g.medium": 4.06,
  "cache.m7g.large": 9.9,
  "cache.m7g.xlarge": 19.8,
};

const cents = (usd: number) => Math.round(usd * 100) / 100;
const at = (block: keyof typeof rates, region: string): number => {
  const index = regions.findIndex(({ id }) => id === region);
  return rates[block][index]?.[0] ?? Math.max(...rates[block].map(([usd]) => usd));
};
const perMonth = (block: keyof typeof rates, region: string) => at(block, region) * hours;

/** The hourly price of a task with so many units of CPU and MB of memory. */
const taskHour = (region: string, { cpu, memory }: { cpu: number; memory: number }) =>
  (cpu / 1024) * at("cpu", region) + (memory / 1024) * at("memory", region);

const taskName = ({ cpu, memory }: { cpu: number; memory: number }) => `${cpu / 1024} vCPU, ${memory / 1024} GB`;

export function taskLine(
  region: string,
  service: string,
  size: { cpu: number; memory: number },
  { count, publicIp }: { count: number; publicIp: boolean },
): Line {
  const one = taskHour(region, size) * hours + (publicIp ? perMonth("address", region) : 0);
  const what = `${count} Fargate ${count === 1 ? "task" : "tasks"}, ${taskName(size)}${publicIp && count > 0 ? ", with a public address" : ""}`;
  return { what, for: service, monthly: cents(count * one) };
}

/** A run is taken to last two minutes. */
export const scheduleLine = (
  region: string,
  job: string,
  size: { cpu: number; memory: number },
  runs: number,
): Line => ({
  what: `About ${runs} runs a month of a Fargate task, ${taskName(size)}, two minutes each`,
  for: job,
  monthly: cents((runs * taskHour(region, size)) / 30),
});

export const balancerLine = (region: string, service: string): Line => ({
  what: "Application Load Balancer with two public addresses",
  for: service,
  monthly: cents(perMonth("balancer", region) + 2 * perMonth("address", region)),
});

export const cloudFrontLine = (service: string): Line => ({
  what: "CloudFront, free for the first TB and 10 million requests a month",
  for: service,
  monthly: 0,
});

export const natLine = (region: string, count: number): Line => ({
  what: `${count} NAT gateways, without traffic`,
  for: "network",
  monthly: cents(count * (perMonth("nat", region) + perMonth("address", region))),
});

export function databaseLine(
  region: string,
  resource: string,
  { product, type, gb, standby }: { product: string; type: string; gb: number; standby: boolean },
): Line {
  const times = classes[type];
  const one = times && times * perMonth("database", region) + gb * at("databaseGbMonth", region);
  const what = `RDS ${product}, ${type}, ${gb} GB${standby ? ", with a standby in a second zone" : ""}`;
  return { what, for: resource, monthly: one ? cents(standby ? 2 * one : one) : null };
}

export const cacheLine = (region: string, resource: string, type: string, nodes: number): Line => ({
  what: `ElastiCache Valkey, ${nodes === 1 ? type : `${nodes} x ${type}`}`,
  for: resource,
  monthly: classes[type] ? cents(nodes * classes[type] * perMonth("cache", region)) : null,
});

export const bucketLine = (region: string, resource: string): Line => ({
  what: "S3 bucket with 10 GB in it",
  for: resource,
  monthly: cents(10 * at("bucketGbMonth", region)),
});

export const secretsLine = (region: string, count: number): Line => ({
  what: `${count} ${count === 1 ? "secret" : "secrets"} in Secrets Manager`,
  for: "variables",
  monthly: cents(count * at("secretMonth", region)),
});

export const logsLine = (region: string): Line => ({
  what: "CloudWatch logs, 1 GB a month",
  for: "logs",
  monthly: cents(at("logGb", region)),
});

export const imageLine = (region: string): Line => ({
  what: "Container image, 2 GB in ECR; each build costs about $0.10 once",
  for: "build",
  monthly: cents(2 * at("imageGbMonth", region)),
});

/** What is known of the sum. */
export const sumLines = (lines: Line[]): number => cents(lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0));
