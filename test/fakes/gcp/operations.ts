import { randomUUID } from "node:crypto";
import type { Body } from "./discovery.ts";
import { GoogleError, type Problem } from "./errors.ts";

// Long-running operations. They end by the fake's clock, at the next request.

export interface Operation {
  api: string;
  name: string;
  project: string;
  startedAt: number;
  ends: number;
  metadata: () => Body;
  done: boolean;
  response: Body | null;
  problem: Problem | null;
  settle: () => Body | null;
  /** The operation's type, in Cloud SQL only. */
  type: string;
  target: string;
}

interface OperationInput {
  api: string;
  project: string;
  name?: string;
  seconds: number;
  type?: string;
  target?: string;
  metadata?: () => Body;
  /** Returns the response when the operation ends. Throws the error if it fails. */
  settle: () => Body | null;
}

export function operations(now: () => number, pace: () => number) {
  const operationsByName = new Map<string, Operation>();

  function start({
    seconds,
    metadata = () => ({}),
    type = "",
    target = "",
    name = randomUUID(),
    ...rest
  }: OperationInput) {
    const startedAt = now();
    const ends = startedAt + seconds * pace();
    const operation = {
      ...rest,
      name,
      startedAt,
      ends,
      metadata,
      done: false,
      response: null,
      problem: null,
      type,
      target,
    };
    operationsByName.set(`${rest.api}/${name}`, operation);
    return operation;
  }

  /** Ends every operation that is due, in order of time. */
  function advance() {
    const due = [...operationsByName.values()]
      .filter((operation) => !operation.done && operation.ends <= now())
      .sort((a, b) => a.ends - b.ends);
    for (const operation of due) {
      operation.done = true;
      try {
        operation.response = operation.settle();
      } catch (error) {
        if (!(error instanceof GoogleError)) throw error;
        operation.problem = error.problem;
      }
    }
  }

  return {
    start,
    advance,
    find: (api: string, name: string) => operationsByName.get(`${api}/${name}`),
    /** Returns the running operations on a target. */
    pendingFor: (api: string, target: string) =>
      [...operationsByName.values()].filter(
        (operation) => operation.api === api && operation.target === target && !operation.done,
      ),
    allFor: (api: string, target: string) =>
      [...operationsByName.values()].filter((operation) => operation.api === api && operation.target === target),
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

/** Formats an operation as google.longrunning does. */
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
