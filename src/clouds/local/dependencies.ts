import { join } from "node:path";
import type { Run } from "../cloud.ts";

export interface Limits {
  buildSeconds: number;
  jobSeconds: number;
  /** From the start of the health check to the first good response. */
  healthSeconds: number;
  /** Log size per command during the deployment; for a service, the size at which its log is rotated. */
  outputBytes: number;
  /** Interval at which the size of a log is checked. */
  logSeconds: number;
  /** Size of a deployment's folder, measured during the build. */
  diskBytes: number;
  /** Between SIGTERM and SIGKILL. */
  graceSeconds: number;
  /** How long a server that shuts down waits for the running steps. */
  drainSeconds: number;
}

export const defaultLimits: Limits = {
  buildSeconds: 15 * 60,
  jobSeconds: 10 * 60,
  healthSeconds: 60,
  outputBytes: 10e6,
  logSeconds: 10,
  diskBytes: 2e9,
  graceSeconds: 5,
  drainSeconds: 10,
};

export interface Options {
  /** Each deployment has a folder below `local/` in it. */
  dataDir: string;
  /** PATH: where node, npm, PostgreSQL and the like are looked up. */
  path: string;
  /** Slipway's own environment. Builds get the settings of package registries from it, apps get nothing. */
  environment?: Record<string, string | undefined>;
  limits?: Partial<Limits>;
  now?: () => number;
}

/** The options with every default filled in. */
export type Dependencies = Required<Options> & { limits: Limits };

export const withDefaults = (options: Options): Dependencies => ({
  environment: {},
  now: Date.now,
  ...options,
  limits: { ...defaultLimits, ...options.limits },
});

/** The folders of one deployment. */
export interface Folders {
  root: string;
  app: string;
  home: string;
  tmp: string;
  /** Build output outside the app, such as a Python environment; `$MADE` in build commands. */
  made: string;
  /** Logs, exit codes and process ids. */
  processes: string;
}

export function foldersOf({ dataDir }: Pick<Dependencies, "dataDir">, { id }: Pick<Run, "id">): Folders {
  if (!/^[\w-]{1,100}$/.test(id)) throw new Error(`Invalid deployment id ${JSON.stringify(id)}`);
  const root = join(dataDir, "local", id);
  return {
    root,
    app: join(root, "app"),
    home: join(root, "home"),
    tmp: join(root, "tmp"),
    made: join(root, "made"),
    processes: join(root, "processes"),
  };
}
