import type { Line } from "../../plan.ts";
import type { Limits } from "./presets.ts";
import { regions } from "./regions.ts";

/** When these figures were looked up. USD, before tax and traffic; nothing is taken off that Google gives for free. */
export const asOf = "2026-11-22";
const hours = 730;

/** Where a figure comes from. */
export const sources = {
  page: "Google's pricing page of the product, as quoted in 2024 to 2026",
  list: "Infracost's tests against Google's list of SKUs, 2024 and 2025",
  estimate: "Estimated from the next region or the next product; not seen in Google's list",
} as const;
type Source = keyof typeof sources;
type Figure = [usd: number, source: Source];

/** One figure for each region, in the order of `regions`. */
const row = (...figures: [Figure, Figure, Figure, Figure, Figure, Figure]) => figures;
const everywhere = (usd: number, source: Source) =>
  row([usd, source], [usd, source], [usd, source], [usd, source], [usd, source], [usd, source]);
/** Cloud Run has two prices; the last three regions have the second: https://cloud.google.com/run/docs/locations */
const tiers = (one: Figure, two: Figure) => row(one, one, one, two, two, two);
/** As in Iowa, and in the other regions so many times as much. */
const times = (usd: number, source: Source) => {
  const estimate = (factor: number): Figure => [Math.round(usd * factor * 1e6) / 1e6, "estimate"];
  return row([usd, source], [usd, "estimate"], estimate(1.1), estimate(1.2), estimate(1.2), estimate(1.23));
};

export const rates = {
  /** By the second, for a vCPU or GiB: while a service answers, while it waits to, when it never sleeps, and of workers. */
  answeringCpu: tiers([0.000024, "page"], [0.0000336, "list"]),
  answeringMemory: tiers([0.0000025, "page"], [0.0000035, "list"]),
  waitingCpu: tiers([0.0000025, "page"], [0.0000035, "estimate"]),
  waitingMemory: tiers([0.0000025, "page"], [0.0000035, "estimate"]),
  alwaysCpu: tiers([0.000018, "page"], [0.0000216, "estimate"]),
  alwaysMemory: tiers([0.000002, "page"], [0.0000024, "estimate"]),
  workingCpu: tiers([0.000011244, "page"], [0.0000134928, "estimate"]),
  workingMemory: tiers([0.000001235, "page"], [0.000001482, "estimate"]),
  /** By the hour. */
  sqlMicro: times(0.0105, "list"),
  sqlSmall: times(0.035, "list"),
  sqlCpu: times(0.0413, "page"),
  sqlMemory: times(0.007, "page"),
  sqlGbMonth: times(0.17, "list"),
  /** By the hour and GB: up to 4 GB, up to 10, and more. */
  cacheM1: times(0.049, "list"),
  cacheM2: times(0.027, "page"),
  cacheM3: times(0.023, "page"),
  cacheStandbyM1: times(0.064, "estimate"),
  cacheStandbyM2: times(0.046, "estimate"),
  cacheStandbyM3: times(0.039, "estimate"),
  bucketGbMonth: row([0.02, "page"], [0.02, "page"], [0.02, "page"], [0.023, "page"], [0.023, "page"], [0.02, "page"]),
  imageGbMonth: everywhere(0.1, "page"),
  secretMonth: everywhere(0.06, "page"),
  timerMonth: everywhere(0.1, "page"),
};

const cents = (usd: number) => Math.round(usd * 100) / 100;
const at = (block: keyof typeof rates, region: string): number => {
  const index = regions.findIndex(({ id }) => id === region);
  return rates[block][index]?.[0] ?? Math.max(...rates[block].map(([usd]) => usd));
};

const hour = (kind: "answering" | "waiting" | "always" | "working", region: string, { cpu, memory }: Limits) =>
  3600 * (cpu * at(`${kind}Cpu`, region) + (memory / 1024) * at(`${kind}Memory`, region));

const sized = ({ cpu, memory }: Limits) => `${cpu} vCPU, ${memory / 1024} GB`;
const instances = (count: number) => `${count} ${count === 1 ? "instance" : "instances"}`;

/** How much of a month a service is taken to be answering. */
const busy = 0.1;

export function serviceLine(
  region: string,
  service: string,
  size: Limits,
  { count, alwaysOn }: { count: number; alwaysOn: boolean },
): Line {
  const what = `Cloud Run, ${instances(count)}, ${sized(size)}`;
  if (alwaysOn) return { what, for: service, monthly: cents(count * hours * hour("always", region, size)) };
  const answering = hour("answering", region, size);
  const waiting = count * (1 - busy) * hour("waiting", region, size);
  if (count === 0) {
    const asleep = `Cloud Run, ${sized(size)}, asleep until a request comes; answering a tenth of the time`;
    return { what: asleep, for: service, monthly: cents(hours * busy * answering) };
  }
  return {
    what: `${what}, answering a tenth of the time; its processor rests for the others`,
    for: service,
    monthly: cents(hours * (waiting + busy * count * answering)),
  };
}

export const workerLine = (region: string, service: string, size: Limits, count: number): Line => ({
  what: `Cloud Run worker pool, ${instances(count)}, ${sized(size)}`,
  for: service,
  monthly: cents(count * hours * hour("working", region, size)),
});

/** A run is taken to last two minutes. */
export const scheduleLine = (region: string, job: string, size: Limits, runs: number): Line => ({
  what: `Cloud Scheduler, about ${runs} runs a month of a Cloud Run job, ${sized(size)}, two minutes each`,
  for: job,
  monthly: cents(at("timerMonth", region) + (runs * hour("always", region, size)) / 30),
});

/** By the hour; null: no class that there is a price of. */
function machine(region: string, tier: string): number | null {
  if (tier === "db-f1-micro") return at("sqlMicro", region);
  if (tier === "db-g1-small") return at("sqlSmall", region);
  const [, cpu, memory] = /^db-custom-(\d{1,3})-(\d{1,7})$/.exec(tier) ?? [];
  if (cpu === undefined) return null;
  return Number(cpu) * at("sqlCpu", region) + (Number(memory) / 1024) * at("sqlMemory", region);
}

export function databaseLine(
  region: string,
  resource: string,
  { product, tier, storage, standby }: { product: string; tier: string; storage: number; standby: boolean },
): Line {
  const each = machine(region, tier);
  const one = each === null ? null : each * hours + storage * at("sqlGbMonth", region);
  const what = `Cloud SQL ${product}, ${tier}, ${storage} GB${standby ? ", with a standby in a second zone" : ""}`;
  return { what, for: resource, monthly: one === null ? null : cents(standby ? 2 * one : one) };
}

export function cacheLine(region: string, resource: string, gb: number, standby: boolean): Line {
  const size = gb <= 4 ? "M1" : gb <= 10 ? "M2" : "M3";
  const each = at(standby ? `cacheStandby${size}` : `cache${size}`, region);
  const what = `Memorystore for Redis, ${gb} GB${standby ? ", with a copy in a second zone" : ""}`;
  return { what, for: resource, monthly: cents(gb * hours * each) };
}

export const bucketLine = (region: string, resource: string): Line => ({
  what: "Bucket with 10 GB in it",
  for: resource,
  monthly: cents(10 * at("bucketGbMonth", region)),
});

export const secretsLine = (region: string, count: number): Line => ({
  what: `${count} ${count === 1 ? "secret" : "secrets"} in Secret Manager`,
  for: "variables",
  monthly: cents(count * at("secretMonth", region)),
});

export const imageLine = (region: string): Line => ({
  what: "Container image, 2 GB in Artifact Registry; each build costs about $0.06 once",
  for: "build",
  monthly: cents(2 * at("imageGbMonth", region)),
});

export const logsLine: Line = { what: "Logs, free for the first 50 GB a month", for: "logs", monthly: 0 };

/** What is known of the sum. */
export const sumLines = (lines: Line[]): number => cents(lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0));
