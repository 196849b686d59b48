import { randomUUID } from "node:crypto";
import type { Body } from "./discovery.ts";
import { GoogleError, type Problem } from "./errors.ts";

// What takes Google a while. It ends on the fake's own clock, when somebody looks.

export interface Operation {
  api: string;
  name: string;
  project: string;
  begun: number;
  ends: number;
  /** What it is about, as its metadata. */
  metadata: () => Body;
  done: boolean;
  response: Body | null;
  problem: Problem | null;
  settle: () => Body | null;
  /** Of Cloud SQL, what kind of work on which instance. */
  type: string;
  target: string;
}

interface Plan {
  api: string;
  project: string;
  name?: string;
  seconds: number;
  type?: string;
  target?: string;
  metadata?: () => Body;
  /** What it comes to, when it does; throws what it fails with. */
  settle: () => Body | null;
}

export function operations(now: () => number, pace: () => number) {
  const all = new Map<string, Operation>();

  function begin({ seconds, metadata = () => ({}), type = "", target = "", name = randomUUID(), ...plan }: Plan) {
    const begun = now();
    const ends = begun + seconds * pace();
    const made = { ...plan, name, begun, ends, metadata, done: false, response: null, problem: null, type, target };
    all.set(`${plan.api}/${name}`, made);
    return made;
  }

  /** Lets everything end whose time has come, in the order of time. */
  function advance() {
    const due = [...all.values()].filter((one) => !one.done && one.ends <= now()).sort((a, b) => a.ends - b.ends);
    for (const one of due) {
      one.done = true;
      try {
        one.response = one.settle();
      } catch (error) {
        if (!(error instanceof GoogleError)) throw error;
        one.problem = error.problem;
      }
    }
  }

  return {
    begin,
    advance,
    find: (api: string, name: string) => all.get(`${api}/${name}`),
    /** Those under way at something. */
    at: (api: string, target: string) =>
      [...all.values()].filter((one) => one.api === api && one.target === target && !one.done),
    of: (api: string, target: string) => [...all.values()].filter((one) => one.api === api && one.target === target),
  };
}
export type Operations = ReturnType<typeof operations>;

const codes: Record<string, number> = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};

/** As google.longrunning shows it. */
export function shown({ name, metadata, done, response, problem }: Operation): Body {
  const outcome = problem
    ? {
        error: {
          code: codes[problem.code] ?? 2,
          message: problem.message,
          ...(problem.details ? { details: problem.details } : {}),
        },
      }
    : { response: response ?? {} };
  return { name, metadata: metadata(), done, ...(done ? outcome : {}) };
}
