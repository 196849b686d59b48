import type { Size } from "../../app.ts";
import type { Preset } from "../../plan.ts";

export interface PresetSettings {
  /** Runs tasks in private subnets, with a NAT gateway in each zone. */
  tasksInPrivateSubnets: boolean;
  /** The minimum number of tasks of a public service. */
  minTasks: number;
  /** Keeps a standby in another zone that takes over automatically. */
  multiAz: boolean;
  /** Protects data from deletion and keeps a final snapshot. */
  deletionProtection: boolean;
  backupDays: number;
  logDays: number;
  storage: number;
  database: Record<Size, string>;
  cache: Record<Size, string>;
}

const small = { S: "db.t4g.micro", M: "db.t4g.small", L: "db.t4g.medium", XL: "db.t4g.large" };
const larger = { S: "db.t4g.small", M: "db.t4g.medium", L: "db.t4g.large", XL: "db.t4g.xlarge" };
const smallCache = { S: "cache.t4g.micro", M: "cache.t4g.small", L: "cache.t4g.medium", XL: "cache.m7g.large" };
const largerCache = { S: "cache.t4g.small", M: "cache.t4g.medium", L: "cache.m7g.large", XL: "cache.m7g.xlarge" };

export const presets: Record<Preset, PresetSettings> = {
  economy: {
    tasksInPrivateSubnets: false,
    minTasks: 1,
    multiAz: false,
    deletionProtection: false,
    backupDays: 3,
    logDays: 7,
    storage: 20,
    database: small,
    cache: smallCache,
  },
  standard: {
    tasksInPrivateSubnets: false,
    minTasks: 1,
    multiAz: false,
    deletionProtection: false,
    backupDays: 7,
    logDays: 30,
    storage: 20,
    database: larger,
    cache: smallCache,
  },
  production: {
    tasksInPrivateSubnets: true,
    minTasks: 2,
    multiAz: true,
    deletionProtection: true,
    backupDays: 30,
    logDays: 90,
    storage: 50,
    database: larger,
    cache: largerCache,
  },
};

/** CPU units of Fargate, 1024 to a vCPU, and memory in MB. */
export const taskSizes: Record<Size, { cpu: number; memory: number }> = {
  S: { cpu: 256, memory: 512 },
  M: { cpu: 512, memory: 1024 },
  L: { cpu: 1024, memory: 4096 },
  XL: { cpu: 2048, memory: 8192 },
};
