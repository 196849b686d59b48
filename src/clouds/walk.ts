import type { Failure } from "../plan.ts";
import {
  type DeploymentEvent,
  type LedgerData,
  type LedgerStep,
  OperationalError,
  type Run,
  toFailure,
} from "./cloud.ts";

/** What a step says while it is carried out; what follows its `yield` happens only once it is written down. */
export type StepUpdate = { message?: string; data?: LedgerData } | { lines: string[]; data?: LedgerData };

/** What a step is given to work with. */
export interface StepContext {
  /** This step's line of the ledger. `attempt` counts how often it was begun anew: at first, and after a failure. */
  readonly data: LedgerData;
  /** What another step has written down. */
  dataOf(step: string): LedgerData;
  /** Aborted when the step is to be abandoned: throw, soon, and leave things so that they are found again. */
  signal: AbortSignal;
}

export interface ExecutableStep {
  name: string;
  dependsOn: string[];
  /** What it made may be gone without anybody taking it away, as a process after a reboot: look again on resume. */
  recheckOnResume?: boolean;
  /** Makes the thing, or adopts what an earlier try has made. Returns a last sentence about it. Throws a `Refusal`. */
  execute(hand: StepContext): AsyncGenerator<StepUpdate, string | undefined>;
}

export type Outcome =
  | { end: "done"; dataOf(step: string): LedgerData }
  /** `others`: what refused besides, of a walk that goes on past what refuses. */
  | { end: "failed"; failure: Failure; otherFailures?: Failure[] }
  /** Abandoned or drained: there is no more to say now. */
  | { end: "stopped" };

type Turn =
  | { step: ExecutableStep; result: IteratorResult<StepUpdate, string | undefined> }
  | { step: ExecutableStep; error: unknown };

/**
 * Carries steps out in the order they depend on each other, side by side where they do not. When one refuses, those in
 * hand are finished and no other is begun; with `past`, all others are, also those that come after it.
 */
export async function* walk(
  steps: ExecutableStep[],
  run: Pick<Run, "ledger" | "signal" | "drainSignal">,
  { past = false }: { past?: boolean } = {},
): AsyncGenerator<DeploymentEvent, Outcome> {
  const ledger = new Map([...run.ledger].map(([name, line]) => [name, { ...line, data: { ...line.data } }]));
  const dataOf = (name: string): LedgerData => ledger.get(name)?.data ?? {};
  const done = new Set(
    steps.filter((step) => !step.recheckOnResume && stateOf(step) === "done").map(({ name }) => name),
  );
  const begun = new Set(done);
  const inHand = new Map<string, { words: ReturnType<ExecutableStep["execute"]>; turn: Promise<Turn> }>();
  const abandon = new AbortController();
  const signal = AbortSignal.any([run.signal, abandon.signal]);
  let failure: Failure | null = null;
  const others: Failure[] = [];

  function stateOf(step: ExecutableStep) {
    return ledger.get(step.name)?.state ?? "waiting";
  }

  function write(name: string, state: LedgerStep["state"], data: LedgerData = {}): LedgerData {
    const whole = { ...dataOf(name), ...data };
    ledger.set(name, { name, state, data: whole });
    return whole;
  }

  function go(step: ExecutableStep, words: ReturnType<ExecutableStep["execute"]>) {
    const turn = words.next().then(
      (result) => ({ step, result }),
      (error: unknown) => ({ step, error }),
    );
    // Deleted first, so that whoever spoke last is asked last.
    inHand.delete(step.name);
    inHand.set(step.name, { words, turn });
  }

  const next = () =>
    (failure && !past) || run.drainSignal.aborted || signal.aborted
      ? undefined
      : steps.find((step) => !begun.has(step.name) && step.dependsOn.every((name) => done.has(name)));

  try {
    for (;;) {
      for (let step = next(); step; step = next()) {
        const { name } = step;
        begun.add(name);
        // What a process that died had begun is gone on with, and not said again.
        const known = stateOf(step) === "running";
        const anew = ["waiting", "removed"].includes(stateOf(step));
        const data = write(name, "running", anew ? { attempt: Number(dataOf(name).attempt ?? 0) + 1 } : {});
        if (!known) yield { type: "step", name, state: "running", data };
        if (signal.aborted) return { end: "stopped" };
        const hand = {
          get data() {
            return dataOf(name);
          },
          dataOf,
          signal,
        };
        go(step, step.execute(hand));
      }
      if (inHand.size === 0) break;

      const turn = await firstOf(inHand.values(), signal);
      if (turn === "aborted") return { end: "stopped" };
      const { step } = turn;
      const { name } = step;
      if ("error" in turn) {
        const { error } = turn;
        inHand.delete(name);
        // However a step lets go of what it was doing.
        if (signal.aborted) return { end: "stopped" };
        if (!(error instanceof OperationalError)) throw error;
        if (failure) others.push(toFailure(error, name));
        failure ??= toFailure(error, name);
        if (past) done.add(name);
        yield { type: "step", name, state: "failed", message: error.message, data: write(name, "failed") };
      } else if (turn.result.done) {
        inHand.delete(name);
        done.add(name);
        yield { type: "step", name, state: "done", message: turn.result.value, data: write(name, "done") };
      } else {
        const said = turn.result.value;
        const data = write(name, "running", said.data);
        if ("lines" in said) yield { type: "log", step: name, lines: said.lines, data };
        else yield { type: "step", name, state: "running", message: said.message, data };
        const hand = inHand.get(name);
        if (signal.aborted) return { end: "stopped" };
        if (hand) go(step, hand.words);
      }
    }
  } finally {
    abandon.abort();
    await Promise.all([...inHand.values()].map(({ turn }) => turn));
    await Promise.allSettled([...inHand.values()].map(({ words }) => words.return(undefined)));
  }

  if (failure && (!past || done.size === steps.length))
    return { end: "failed", failure, ...(past ? { otherFailures: others } : {}) };
  const left = steps.filter(({ name }) => !done.has(name)).map(({ name }) => name);
  if (left.length === 0) return { end: "done", dataOf };
  if (run.signal.aborted || run.drainSignal.aborted) return { end: "stopped" };
  throw new Error(`These steps wait for each other, or for one that is not there: ${left}`);
}

async function firstOf(hands: Iterable<{ turn: Promise<Turn> }>, signal: AbortSignal): Promise<Turn | "aborted"> {
  if (signal.aborted) return "aborted";
  const { promise, resolve } = Promise.withResolvers<"aborted">();
  const abort = () => resolve("aborted");
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([...[...hands].map(({ turn }) => turn), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Takes the ledger's steps away, last begun first, going on past one that refuses; what is gone already must be no
 * error to `remove`. Ends in `removed`, or in `failed` with everything that is still there.
 */
export async function* walkReverse(
  run: Pick<Run, "ledger" | "signal" | "drainSignal">,
  remove: (step: LedgerStep) => Promise<void>,
): AsyncGenerator<DeploymentEvent> {
  const left: Failure[] = [];
  for (const step of [...run.ledger.values()].reverse()) {
    const { name } = step;
    if (step.state === "removed") continue;
    if (run.signal.aborted || run.drainSignal.aborted) return;
    try {
      await remove(step);
      yield { type: "step", name, state: "removed" };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      left.push(toFailure(error, name));
      yield { type: "step", name, state: "failed", message: error.message };
    }
  }
  const [first] = left;
  if (!first) yield { type: "state", state: "removed" };
  else
    yield { type: "state", state: "failed", error: { ...first, message: left.map((one) => one.message).join("\n") } };
}
