import type { RegionId } from "./regions.ts";

/** The date of these figures, in USD before tax, traffic and free tiers. */
export const asOf = "2026-11-22";

/** The source of a figure. */
export const sources = {
  list: "AWS Price List (pricing.us-east-1.amazonaws.com/offers/v1.0/aws), as quoted from it in 2025 and 2026",
  page: "AWS's pricing page of the service, as quoted in 2025 and 2026",
  bill: "Cost divided by quantity on AWS bills that people published in 2026",
  estimate: "Estimated from the next region; not seen in the Price List",
} as const;
type Source = keyof typeof sources;
type Figure = [usd: number, source: Source];
type Rate = Record<RegionId, Figure>;

const inEveryRegion = (usd: number, source: Source): Rate => {
  const figure: Figure = [usd, source];
  return {
    "us-east-1": figure,
    "eu-west-1": figure,
    "eu-central-1": figure,
    "ap-south-1": figure,
    "ap-southeast-1": figure,
  };
};

/** Per hour, unless the name says month or GB. */
export const rates = {
  fargateVcpu: {
    "us-east-1": [0.04048, "list"],
    "eu-west-1": [0.04048, "bill"],
    "eu-central-1": [0.04656, "list"],
    "ap-south-1": [0.04257, "bill"],
    "ap-southeast-1": [0.05056, "page"],
  },
  fargateGb: {
    "us-east-1": [0.004445, "list"],
    "eu-west-1": [0.004445, "page"],
    "eu-central-1": [0.00511, "list"],
    "ap-south-1": [0.004445, "bill"],
    "ap-southeast-1": [0.00553, "page"],
  },
  loadBalancer: {
    "us-east-1": [0.0225, "list"],
    "eu-west-1": [0.0252, "bill"],
    "eu-central-1": [0.027, "bill"],
    "ap-south-1": [0.0239, "list"],
    "ap-southeast-1": [0.0252, "estimate"],
  },
  publicIpv4: inEveryRegion(0.005, "list"),
  natGateway: {
    "us-east-1": [0.045, "list"],
    "eu-west-1": [0.048, "estimate"],
    "eu-central-1": [0.052, "page"],
    "ap-south-1": [0.056, "bill"],
    "ap-southeast-1": [0.059, "estimate"],
  },
  /** db.t4g.micro, one zone, Postgres or MySQL. */
  rdsMicro: {
    "us-east-1": [0.016, "list"],
    "eu-west-1": [0.017, "bill"],
    "eu-central-1": [0.019, "bill"],
    "ap-south-1": [0.021, "list"],
    "ap-southeast-1": [0.025, "estimate"],
  },
  databaseGbMonth: {
    "us-east-1": [0.115, "list"],
    "eu-west-1": [0.127, "estimate"],
    "eu-central-1": [0.137, "estimate"],
    "ap-south-1": [0.131, "list"],
    "ap-southeast-1": [0.138, "estimate"],
  },
  /** cache.t4g.micro with Valkey. */
  elasticacheMicro: {
    "us-east-1": [0.0128, "page"],
    "eu-west-1": [0.0136, "estimate"],
    "eu-central-1": [0.0144, "estimate"],
    "ap-south-1": [0.016, "list"],
    "ap-southeast-1": [0.0192, "estimate"],
  },
  secretMonth: inEveryRegion(0.4, "page"),
  logGb: {
    "us-east-1": [0.5, "page"],
    "eu-west-1": [0.57, "page"],
    "eu-central-1": [0.63, "estimate"],
    "ap-south-1": [0.67, "estimate"],
    "ap-southeast-1": [0.7, "estimate"],
  },
  imageGbMonth: inEveryRegion(0.1, "page"),
  bucketGbMonth: {
    "us-east-1": [0.023, "page"],
    "eu-west-1": [0.023, "page"],
    "eu-central-1": [0.0245, "page"],
    "ap-south-1": [0.025, "page"],
    "ap-southeast-1": [0.025, "page"],
  },
} satisfies Record<string, Rate>;

/** The price of each instance class as a multiple of the smallest one, from the price list of us-east-1. */
export const classFactors: Record<string, number> = {
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

/** The rate in a region; in one that has no figures, such as that of an old plan, the highest there is. */
export const rateIn = (name: keyof typeof rates, region: string): number => {
  const rate: Record<string, Figure> = rates[name];
  const known = Object.hasOwn(rate, region) ? rate[region]?.[0] : undefined;
  return known ?? Math.max(...Object.values(rate).map(([usd]) => usd));
};
