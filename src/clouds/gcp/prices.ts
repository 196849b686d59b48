import type { Line } from "../../plan.ts";
import { hoursPerMonth, roundToCents } from "../price-lines.ts";
import type { Limits } from "./presets.ts";
import { type RegionId, regions } from "./regions.ts";

/** The day these rates were looked up. In USD, before tax and traffic; Google's free tiers are not subtracted. */
export const asOf = "2026-11-22";

/** The sources of the rates. */
export const sources = {
  page: "Google's pricing page of the product, as quoted in 2024 to 2026",
  list: "Infracost's tests against Google's list of SKUs, 2024 and 2025",
  estimate: "Estimated from the next region or the next product; not seen in Google's list",
} as const;
type Source = keyof typeof sources;
type Rate = [usd: number, source: Source];
type RegionalRates = Record<RegionId, Rate>;

const perRegion = (rateOf: (region: RegionId) => Rate): RegionalRates =>
  Object.fromEntries(regions.map(({ id }) => [id, rateOf(id)])) as RegionalRates;

const everywhere = (usd: number, source: Source) => perRegion(() => [usd, source]);

/** The price tier of each region on Cloud Run: https://cloud.google.com/run/docs/locations */
const cloudRunTier: Record<RegionId, 1 | 2> = {
  "us-central1": 1,
  "us-east1": 1,
  "europe-west1": 1,
  "europe-west3": 2,
  "asia-south1": 2,
  "asia-southeast1": 2,
};
const byTier = (tier1: Rate, tier2: Rate) => perRegion((region) => (cloudRunTier[region] === 1 ? tier1 : tier2));

/** The estimated price level of each region, relative to Iowa. */
const relativeToIowa: Record<RegionId, number> = {
  "us-central1": 1,
  "us-east1": 1,
  "europe-west1": 1.1,
  "europe-west3": 1.2,
  "asia-south1": 1.2,
  "asia-southeast1": 1.23,
};
const fromIowa = (usd: number, source: Source) =>
  perRegion((region) =>
    region === "us-central1" ? [usd, source] : [Math.round(usd * relativeToIowa[region] * 1e6) / 1e6, "estimate"],
  );

export const rates = {
  /**
   * Per second and vCPU or GiB. Services: `active` handles a request, `idle` is a minimum instance that waits for one,
   * `always` has its CPU always allocated. Worker pools: `worker`.
   */
  activeCpu: byTier([0.000024, "page"], [0.0000336, "list"]),
  activeMemory: byTier([0.0000025, "page"], [0.0000035, "list"]),
  idleCpu: byTier([0.0000025, "page"], [0.0000035, "estimate"]),
  idleMemory: byTier([0.0000025, "page"], [0.0000035, "estimate"]),
  alwaysCpu: byTier([0.000018, "page"], [0.0000216, "estimate"]),
  alwaysMemory: byTier([0.000002, "page"], [0.0000024, "estimate"]),
  workerCpu: byTier([0.000011244, "page"], [0.0000134928, "estimate"]),
  workerMemory: byTier([0.000001235, "page"], [0.000001482, "estimate"]),
  /** Per hour. */
  sqlMicro: fromIowa(0.0105, "list"),
  sqlSmall: fromIowa(0.035, "list"),
  sqlCpu: fromIowa(0.0413, "page"),
  sqlMemory: fromIowa(0.007, "page"),
  sqlGbMonth: fromIowa(0.17, "list"),
  /** Per hour and GB: up to 4 GB, up to 10, and more. */
  cacheM1: fromIowa(0.049, "list"),
  cacheM2: fromIowa(0.027, "page"),
  cacheM3: fromIowa(0.023, "page"),
  cacheStandbyM1: fromIowa(0.064, "estimate"),
  cacheStandbyM2: fromIowa(0.046, "estimate"),
  cacheStandbyM3: fromIowa(0.039, "estimate"),
  bucketGbMonth: {
    "us-central1": [0.02, "page"],
    "us-east1": [0.02, "page"],
    "europe-west1": [0.02, "page"],
    "europe-west3": [0.023, "page"],
    "asia-south1": [0.023, "page"],
    "asia-southeast1": [0.02, "page"],
  },
  imageGbMonth: everywhere(0.1, "page"),
  secretMonth: everywhere(0.06, "page"),
  scheduleMonth: everywhere(0.1, "page"),
} satisfies Record<string, RegionalRates>;

/** Returns the rate of a region; of an unknown one, the highest. */
function rate(name: keyof typeof rates, region: string): number {
  const byRegion: Record<string, Rate> = rates[name];
  return byRegion[region]?.[0] ?? Math.max(...Object.values(byRegion).map(([usd]) => usd));
}

const hourly = (kind: "active" | "idle" | "always" | "worker", region: string, { cpu, memory }: Limits) =>
  3600 * (cpu * rate(`${kind}Cpu`, region) + (memory / 1024) * rate(`${kind}Memory`, region));

const sized = ({ cpu, memory }: Limits) => `${cpu} vCPU, ${memory / 1024} GB`;
const instances = (count: number) => `${count} ${count === 1 ? "instance" : "instances"}`;

/** The share of a month that a service is assumed to spend handling requests. */
const busyShare = 0.1;

export function serviceLine(
  region: string,
  service: string,
  size: Limits,
  { count, alwaysOn }: { count: number; alwaysOn: boolean },
): Line {
  const what = `Cloud Run, ${instances(count)}, ${sized(size)}`;
  if (alwaysOn)
    return { what, for: service, monthly: roundToCents(count * hoursPerMonth * hourly("always", region, size)) };
  const active = hourly("active", region, size);
  const idle = count * (1 - busyShare) * hourly("idle", region, size);
  if (count === 0) {
    const scaledToZero = `Cloud Run, ${sized(size)}, asleep until a request comes; answering a tenth of the time`;
    return { what: scaledToZero, for: service, monthly: roundToCents(hoursPerMonth * busyShare * active) };
  }
  return {
    what: `${what}, answering a tenth of the time; its processor rests for the others`,
    for: service,
    monthly: roundToCents(hoursPerMonth * (idle + busyShare * count * active)),
  };
}

export const workerLine = (region: string, service: string, size: Limits, count: number): Line => ({
  what: `Cloud Run worker pool, ${instances(count)}, ${sized(size)}`,
  for: service,
  monthly: roundToCents(count * hoursPerMonth * hourly("worker", region, size)),
});

/** A run is assumed to take two minutes. */
export const scheduleLine = (region: string, job: string, size: Limits, runs: number): Line => ({
  what: `Cloud Scheduler, about ${runs} runs a month of a Cloud Run job, ${sized(size)}, two minutes each`,
  for: job,
  monthly: roundToCents(rate("scheduleMonth", region) + (runs * hourly("always", region, size)) / 30),
});

/** Returns the price of a machine type per hour; null if unknown. */
function machineRate(region: string, tier: string): number | null {
  if (tier === "db-f1-micro") return rate("sqlMicro", region);
  if (tier === "db-g1-small") return rate("sqlSmall", region);
  const [, cpu, memory] = /^db-custom-(\d{1,3})-(\d{1,7})$/.exec(tier) ?? [];
  if (cpu === undefined) return null;
  return Number(cpu) * rate("sqlCpu", region) + (Number(memory) / 1024) * rate("sqlMemory", region);
}

export function databaseLine(
  region: string,
  resource: string,
  { product, tier, storage, standby }: { product: string; tier: string; storage: number; standby: boolean },
): Line {
  const machine = machineRate(region, tier);
  const instance = machine === null ? null : machine * hoursPerMonth + storage * rate("sqlGbMonth", region);
  const what = `Cloud SQL ${product}, ${tier}, ${storage} GB${standby ? ", with a standby in a second zone" : ""}`;
  return { what, for: resource, monthly: instance === null ? null : roundToCents(standby ? 2 * instance : instance) };
}

export function cacheLine(region: string, resource: string, gb: number, standby: boolean): Line {
  const size = gb <= 4 ? "M1" : gb <= 10 ? "M2" : "M3";
  const gbHour = rate(standby ? `cacheStandby${size}` : `cache${size}`, region);
  const what = `Memorystore for Redis, ${gb} GB${standby ? ", with a copy in a second zone" : ""}`;
  return { what, for: resource, monthly: roundToCents(gb * hoursPerMonth * gbHour) };
}

export const bucketLine = (region: string, resource: string): Line => ({
  what: "Bucket with 10 GB in it",
  for: resource,
  monthly: roundToCents(10 * rate("bucketGbMonth", region)),
});

export const secretsLine = (region: string, count: number): Line => ({
  what: `${count} ${count === 1 ? "secret" : "secrets"} in Secret Manager`,
  for: "variables",
  monthly: roundToCents(count * rate("secretMonth", region)),
});

export const imageLine = (region: string): Line => ({
  what: "Container image, 2 GB in Artifact Registry; each build costs about $0.06 once",
  for: "build",
  monthly: roundToCents(2 * rate("imageGbMonth", region)),
});

export const logsLine: Line = { what: "Logs, free for the first 50 GB a month", for: "logs", monthly: 0 };
