import type { Failure } from "../../../plan.ts";
import type { DeploymentEvent, LedgerData, LedgerStep } from "../../cloud.ts";
import { type ExecutableStep, type Outcome, walk } from "../../walk.ts";
import type { Step } from "../stack.ts";
import { toOperationalError } from "./api/error-advice.ts";
import { deleteStep, mayExist } from "./delete-step.ts";
import { silentUpdate } from "./ledger-entry.ts";
import type { RunContext } from "./run-context.ts";

export type Ledger = Map<string, LedgerStep>;

/** What is known of every step by now, in a copy that follows what is said. */
export const copyLedger = (ledger: ReadonlyMap<string, LedgerStep>): Ledger =>
  new Map([...ledger].map(([name, line]) => [name, { ...line, data: { ...line.data } }]));

export function applyEvent(ledger: Ledger, event: DeploymentEvent): DeploymentEvent {
  if (event.type === "state") return event;
  const name = event.type === "step" ? event.name : event.step;
  const before = ledger.get(name);
  const state = event.type === "step" ? event.state : (before?.state ?? "running");
  ledger.set(name, { name, state, data: { ...before?.data, ...event.data } });
  return event;
}

/**
 * Takes away everything there is, what depends on others before them, and side by side what does not; past what refuses
 * to go. Gives what is still there, or null when it was stopped. `failed`: the step that stays as the one that failed.
 */
export async function* teardown(
  session: RunContext,
  ledger: Ledger,
  failed?: Failure,
): AsyncGenerator<DeploymentEvent, Failure[] | null> {
  const { run, stack } = session;
  const signal = AbortSignal.any([run.signal, run.drainSignal]);
  const dataOf = (name: string): LedgerData => ledger.get(name)?.data ?? {};
  const there = (step: Step) => mayExist(dataOf(step.name), step);

  const steps = stack.steps.map(
    (step): ExecutableStep => ({
      name: step.name,
      dependsOn: stack.steps.filter(({ after }) => after.includes(step.name)).map(({ name }) => name),
      async *execute(hand) {
        if (hand.data.unmaking !== true) yield silentUpdate({ unmaking: true });
        try {
          yield* deleteStep(session, { data: () => hand.data, of: hand.dataOf }, step, hand.signal);
        } catch (error) {
          throw toOperationalError(error, session.mask);
        }
        yield silentUpdate({ unmaking: null });
        return undefined;
      },
    }),
  );
  // What is not there counts as done; what is there is gone on with, and not begun as another attempt.
  const upside = new Map(
    stack.steps.map((step): [string, LedgerStep] => {
      const { name } = step;
      return [name, { name, state: there(step) ? "running" : "done", data: dataOf(name) }];
    }),
  );
  const words = walk(steps, { ledger: upside, signal, drainSignal: run.drainSignal }, { continueOnFailure: true });
  const outcome = yield* mapEvents(words, (event) => applyEvent(ledger, toldBackwards(event, failed)));
  if (outcome.end === "stopped") return null;
  const left = outcome.end === "failed" ? [outcome.failure, ...(outcome.otherFailures ?? [])] : [];
  for (const { name, state } of [...ledger.values()].reverse())
    if (!["waiting", "removed"].includes(state) && name !== failed?.step && !left.some(({ step }) => step === name))
      yield applyEvent(ledger, { type: "step", name, state: "removed" });
  return left;
}

/** The same events in other words; whoever stops listening stops what is told about. */
export async function* mapEvents(
  words: AsyncGenerator<DeploymentEvent, Outcome>,
  tell: (event: DeploymentEvent) => DeploymentEvent,
): AsyncGenerator<DeploymentEvent, Outcome> {
  try {
    for (;;) {
      const { value, done } = await words.next();
      if (done) return value;
      yield tell(value);
    }
  } finally {
    await words.return({ end: "stopped" });
  }
}

function toldBackwards(event: DeploymentEvent, failed: Failure | undefined): DeploymentEvent {
  if (event.type !== "step" || event.state === "failed") return event;
  if (event.name === failed?.step) return { ...event, state: "failed", message: failed.message };
  return event.state === "done" ? { ...event, state: "removed" } : event;
}
