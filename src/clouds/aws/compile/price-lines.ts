import type { Line } from "../../../plan.ts";
import { hoursPerMonth, roundToCents } from "../../price-lines.ts";
import { classFactors, rateIn, type rates } from "../prices.ts";

const perMonth = (name: keyof typeof rates, region: string) => rateIn(name, region) * hoursPerMonth;

/** The hourly price of a Fargate task. */
const taskHour = (region: string, { cpu, memory }: { cpu: number; memory: number }) =>
  (cpu / 1024) * rateIn("fargateVcpu", region) + (memory / 1024) * rateIn("fargateGb", region);

const taskName = ({ cpu, memory }: { cpu: number; memory: number }) => `${cpu / 1024} vCPU, ${memory / 1024} GB`;

export function taskLine(
  region: string,
  service: string,
  size: { cpu: number; memory: number },
  { count, publicIp }: { count: number; publicIp: boolean },
): Line {
  const task = taskHour(region, size) * hoursPerMonth + (publicIp ? perMonth("publicIpv4", region) : 0);
  const what = `${count} Fargate ${count === 1 ? "task" : "tasks"}, ${taskName(size)}${publicIp && count > 0 ? ", with a public address" : ""}`;
  return { what, for: service, monthly: roundToCents(count * task) };
}

/** Assumes that a run takes two minutes. */
export const scheduleLine = (
  region: string,
  job: string,
  size: { cpu: number; memory: number },
  runs: number,
): Line => ({
  what: `About ${runs} runs a month of a Fargate task, ${taskName(size)}, two minutes each`,
  for: job,
  monthly: roundToCents((runs * taskHour(region, size)) / 30),
});

export const balancerLine = (region: string, service: string): Line => ({
  what: "Application Load Balancer with two public addresses",
  for: service,
  monthly: roundToCents(perMonth("loadBalancer", region) + 2 * perMonth("publicIpv4", region)),
});

export const cloudFrontLine = (service: string): Line => ({
  what: "CloudFront, free for the first TB and 10 million requests a month",
  for: service,
  monthly: 0,
});

export const natLine = (region: string, count: number): Line => ({
  what: `${count} NAT gateways, without traffic`,
  for: "network",
  monthly: roundToCents(count * (perMonth("natGateway", region) + perMonth("publicIpv4", region))),
});

export function databaseLine(
  region: string,
  resource: string,
  { product, type, gb, standby }: { product: string; type: string; gb: number; standby: boolean },
): Line {
  const factor = classFactors[type];
  const instance = factor && factor * perMonth("rdsMicro", region) + gb * rateIn("databaseGbMonth", region);
  const what = `RDS ${product}, ${type}, ${gb} GB${standby ? ", with a standby in a second zone" : ""}`;
  return { what, for: resource, monthly: instance ? roundToCents(standby ? 2 * instance : instance) : null };
}

export const cacheLine = (region: string, resource: string, type: string, nodes: number): Line => ({
  what: `ElastiCache Valkey, ${nodes === 1 ? type : `${nodes} x ${type}`}`,
  for: resource,
  monthly: classFactors[type] ? roundToCents(nodes * classFactors[type] * perMonth("elasticacheMicro", region)) : null,
});

export const bucketLine = (region: string, resource: string): Line => ({
  what: "S3 bucket with 10 GB in it",
  for: resource,
  monthly: roundToCents(10 * rateIn("bucketGbMonth", region)),
});

export const secretsLine = (region: string, count: number): Line => ({
  what: `${count} ${count === 1 ? "secret" : "secrets"} in Secrets Manager`,
  for: "variables",
  monthly: roundToCents(count * rateIn("secretMonth", region)),
});

export const logsLine = (region: string): Line => ({
  what: "CloudWatch logs, 1 GB a month",
  for: "logs",
  monthly: roundToCents(rateIn("logGb", region)),
});

export const imageLine = (region: string): Line => ({
  what: "Container image, 2 GB in ECR; each build costs about $0.10 once",
  for: "build",
  monthly: roundToCents(2 * rateIn("imageGbMonth", region)),
});
