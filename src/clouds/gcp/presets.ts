import type { Size } from "../../app.ts";
import type { Preset } from "../../plan.ts";

export interface PresetSettings {
  /** Services have their CPU all the time, not only while they handle requests. */
  cpuAlwaysAllocated: boolean;
  /** The minimum number of instances of a service that does not scale to zero. */
  minInstances: number;
  /** A standby in a second zone that takes over automatically. */
  highAvailability: boolean;
  /** Protects databases against deletion, and keeps a final backup. */
  deletionProtection: boolean;
  backups: number;
  /** GB. */
  storage: number;
  database: Record<Size, string>;
  /** GB. */
  cache: Record<Size, number>;
}

const small = { S: "db-f1-micro", M: "db-g1-small", L: "db-custom-1-3840", XL: "db-custom-2-7680" };
const larger = { S: "db-g1-small", M: "db-custom-1-3840", L: "db-custom-2-7680", XL: "db-custom-4-15360" };
// Shared-core machine types have no SLA.
const dedicated = { S: "db-custom-1-3840", M: "db-custom-2-7680", L: "db-custom-4-15360", XL: "db-custom-8-30720" };
const cache = { S: 1, M: 2, L: 4, XL: 8 };

export const presets: Record<Preset, PresetSettings> = {
  economy: {
    cpuAlwaysAllocated: false,
    minInstances: 1,
    highAvailability: false,
    deletionProtection: false,
    backups: 3,
    storage: 10,
    database: small,
    cache,
  },
  standard: {
    cpuAlwaysAllocated: false,
    minInstances: 1,
    highAvailability: false,
    deletionProtection: false,
    backups: 7,
    storage: 20,
    database: larger,
    cache,
  },
  production: {
    cpuAlwaysAllocated: true,
    minInstances: 2,
    highAvailability: true,
    deletionProtection: true,
    backups: 30,
    storage: 50,
    database: dedicated,
    cache: { S: 2, M: 4, L: 8, XL: 16 },
  },
};

export interface Limits {
  /** vCPUs. */
  cpu: number;
  /** MiB. */
  memory: number;
}

export const sizes: Record<Size, Limits> = {
  S: { cpu: 1, memory: 512 },
  M: { cpu: 1, memory: 1024 },
  L: { cpu: 2, memory: 4096 },
  XL: { cpu: 4, memory: 8192 },
};

export const sumLimits = (limits: Limits[]): Limits => ({
  cpu: limits.reduce((sum, { cpu }) => sum + cpu, 0),
  memory: limits.reduce((sum, { memory }) => sum + memory, 0),
});

export const resourceLimits = ({ cpu, memory }: Limits) => ({
  cpu: cpu < 1 ? `${cpu * 1000}m` : `${cpu}`,
  memory: `${memory}Mi`,
});
