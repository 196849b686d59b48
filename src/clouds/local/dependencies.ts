import { join } from "node:path";
import type { Run } from "../cloud.ts";

export interface Limits {
  buildSeconds: number;
  jobSeconds: number;
  /** From the start of the health check to the first good answer. */
  healthSeconds: number;
  /** What one command may write to its log during the deployment, and what is kept of the log of one that stays. */
  outputBytes: number;
  /** How often the size of a log is looked at. */
  logSeconds: number;
  /** What a deployment's folder may hold, measured while it is built. */
  diskBytes: number;
  /** How long a process has between being asked to end and being ended. */
  graceSeconds: number;
  /** How long a server that wants to stop waits for the steps in hand. */
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
  /** Below it, in `local/`, each deployment has a folder. */
  dataDir: string;
  /** PATH: where node, npm, PostgreSQL and the like are looked for. */
  path: string;
  /** Our own environment. Builds get the settings of package registries from it, apps get nothing. */
  environment?: Record<string, string | undefined>;
  limits?: Partial<Limits>;
  now?: () => number;
}

/** This machine, with every choice made. */
export type Dependencies = Required<Options> & { limits: Limits };

export const machine = (options: Options): Dependencies => ({
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
  /** What the build made that is not inside the app, such as a Python environment. */
  made: string;
  /** Logs, exit codes and process ids. */
  processes: string;
}

export function foldersOf({ dataDir }: Pick<Dependencies, "dataDir">, { id }: Pick<Run, "id">): Folders {
  if (!/^[\w-]{1,100}$/.test(id)) throw new Error(`A deployment cannot be called ${JSON.stringify(id)}`);
  const root = join(dataDir, "local", id);
  const inside = (name: string) => join(root, name);
  return {
    root,
    app: inside("app"),
    home: inside("home"),
    tmp: inside("tmp"),
    made: inside("made"),
    processes: inside("processes"),
  };
}
