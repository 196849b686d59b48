import type { Failure } from "../plan.ts";
import {
  type DeploymentEvent,
  type LedgerData,
  type LedgerStep,
  OperationalError,
  type Run,
  toFailure,
} from "./cloud.ts";

/** An update that a running step yields. Code after the `yield` runs only once the update has been stored. */
export type StepUpdate = { message?: string; data?: LedgerData } | { lines: string[]; data?: LedgerData };

export interface StepContext {
  /** This step's ledger data. `attempt` counts its first start and every retry after a failure. */
  readonly data: LedgerData;
  /** Returns the ledger data of another step. */
  dataOf(step: string): LedgerData;
  /** Aborted when the step must stop: throw soon, and leave everything so that a later run finds it. */
  signal: AbortSignal;
}

export interface ExecutableStep {
  name: string;
  dependsOn: string[];
  /** Whether to execute it again on resume, because what it created may be gone, as a process after a reboot. */
  recheckOnResume?: boolean;
  /** Creates the resource, or adopts one from an earlier attempt. Returns a final message. Throws an OperationalError. */
  execute(context: StepContext): AsyncGenerator<StepUpdate, string | undefined>;
}

export type Outcome =
  | { end: "done"; dataOf(step: string): LedgerData }
  /** `otherFailures`: the later failures of a walk with `continueOnFailure`. */
  | { end: "failed"; failure: Failure; otherFailures?: Failure[] }
  /** Aborted or drained. */
  | { end: "stopped" };

type StepResult =
  | { step: ExecutableStep; result: IteratorResult<StepUpdate, string | undefined> }
  | { step: ExecutableStep; error: unknown };

type Updates = ReturnType<ExecutableStep["execute"]>;

interface RunningStep {
  updates: Updates;
  next: Promise<StepResult>;
}

/**
 * Executes steps in the order of their dependencies, in parallel where there are none. After a failure, running steps
 * finish and no other starts; with `continueOnFailure` all others run, dependents of the failed step included.
 */
export async function* walk(
  steps: ExecutableStep[],
  run: Pick<Run, "ledger" | "signal" | "drainSignal">,
  { continueOnFailure = false }: { continueOnFailure?: boolean } = {},
): AsyncGenerator<DeploymentEvent, Outcome> {
  const ledger = new Map([...run.ledger].map(([name, entry]) => [name, { ...entry, data: { ...entry.data } }]));
  const dataOf = (name: string): LedgerData => ledger.get(name)?.data ?? {};
  const done = new Set(
    steps.filter((step) => !step.recheckOnResume && stateOf(step) === "done").map(({ name }) => name),
  );
  const started = new Set(done);
  const running = new Map<string, RunningStep>();
  const abandon = new AbortController();
  const signal = AbortSignal.any([run.signal, abandon.signal]);
  let failure: Failure | null = null;
  const otherFailures: Failure[] = [];

  function stateOf(step: ExecutableStep) {
    return ledger.get(step.name)?.state ?? "waiting";
  }

  function write(name: string, state: LedgerStep["state"], data: LedgerData = {}): LedgerData {
    const mergedData = { ...dataOf(name), ...data };
    ledger.set(name, { name, state, data: mergedData });
    return mergedData;
  }

  function advance(step: ExecutableStep, updates: Updates) {
    const next = updates.next().then(
      (result) => ({ step, result }),
      (error: unknown) => ({ step, error }),
    );
    // Deleted first, so that the step that yielded last comes last in the next race.
    running.delete(step.name);
    running.set(step.name, { updates, next });
  }

  const nextReady = () =>
    (failure && !continueOnFailure) || run.drainSignal.aborted || signal.aborted
      ? undefined
      : steps.find((step) => !started.has(step.name) && step.dependsOn.every((name) => done.has(name)));

  try {
    for (;;) {
      for (let step = nextReady(); step; step = nextReady()) {
        const { name } = step;
        started.add(name);
        // A step that a crashed process had started is resumed, without another "running" event.
        const isResumed = stateOf(step) === "running";
        const isNewAttempt = ["waiting", "removed"].includes(stateOf(step));
        const data = write(name, "running", isNewAttempt ? { attempt: Number(dataOf(name).attempt ?? 0) + 1 } : {});
        if (!isResumed) yield { type: "step", name, state: "running", data };
        if (signal.aborted) return { end: "stopped" };
        const context = {
          get data() {
            return dataOf(name);
          },
          dataOf,
          signal,
        };
        advance(step, step.execute(context));
      }
      if (running.size === 0) break;

      const settled = await firstSettled(running.values(), signal);
      if (settled === "aborted") return { end: "stopped" };
      const { step } = settled;
      const { name } = step;
      if ("error" in settled) {
        const { error } = settled;
        running.delete(name);
        // An aborted step may fail in any way.
        if (signal.aborted) return { end: "stopped" };
        if (!(error instanceof OperationalError)) throw error;
        if (failure) otherFailures.push(toFailure(error, name));
        failure ??= toFailure(error, name);
        if (continueOnFailure) done.add(name);
        yield { type: "step", name, state: "failed", message: error.message, data: write(name, "failed") };
      } else if (settled.result.done) {
        running.delete(name);
        done.add(name);
        yield { type: "step", name, state: "done", message: settled.result.value, data: write(name, "done") };
      } else {
        const update = settled.result.value;
        const data = write(name, "running", update.data);
        if ("lines" in update) yield { type: "log", step: name, lines: update.lines, data };
        else yield { type: "step", name, state: "running", message: update.message, data };
        const current = running.get(name);
        if (signal.aborted) return { end: "stopped" };
        if (current) advance(step, current.updates);
      }
    }
  } finally {
    abandon.abort();
    await Promise.all([...running.values()].map(({ next }) => next));
    await Promise.allSettled([...running.values()].map(({ updates }) => updates.return(undefined)));
  }

  if (failure && (!continueOnFailure || done.size === steps.length))
    return { end: "failed", failure, ...(continueOnFailure ? { otherFailures } : {}) };
  const unfinished = steps.filter(({ name }) => !done.has(name)).map(({ name }) => name);
  if (unfinished.length === 0) return { end: "done", dataOf };
  if (run.signal.aborted || run.drainSignal.aborted) return { end: "stopped" };
  throw new Error(`Circular or unknown dependencies among the steps ${unfinished}`);
}

async function firstSettled(steps: Iterable<RunningStep>, signal: AbortSignal): Promise<StepResult | "aborted"> {
  if (signal.aborted) return "aborted";
  const { promise, resolve } = Promise.withResolvers<"aborted">();
  const abort = () => resolve("aborted");
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([...[...steps].map(({ next }) => next), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
