import type { Failure } from "../../../plan.ts";
import type { DeploymentEvent, LedgerData, LedgerStep } from "../../cloud.ts";
import { type ExecutableStep, type Outcome, walk } from "../../walk.ts";
import type { Step } from "../stack.ts";
import { toOperationalError } from "./api/error-advice.ts";
import { deleteStep, mayExist } from "./delete-step.ts";
import { silentUpdate } from "./ledger-entry.ts";
import type { RunContext } from "./run-context.ts";

export type Ledger = Map<string, LedgerStep>;

/** Copies the ledger; `applyEvent` keeps the copy current. */
export const copyLedger = (ledger: ReadonlyMap<string, LedgerStep>): Ledger =>
  new Map([...ledger].map(([name, step]) => [name, { ...step, data: { ...step.data } }]));

export function applyEvent(ledger: Ledger, event: DeploymentEvent): DeploymentEvent {
  if (event.type === "state") return event;
  const name = event.type === "step" ? event.name : event.step;
  const previous = ledger.get(name);
  const state = event.type === "step" ? event.state : (previous?.state ?? "running");
  ledger.set(name, { name, state, data: { ...previous?.data, ...event.data } });
  return event;
}

/**
 * Deletes everything, dependents first and in parallel where possible, and continues past failures. Returns the steps that
 * could not be deleted; null if the run was stopped. `failed`: the failure that the page keeps showing.
 */
export async function* teardown(
  context: RunContext,
  ledger: Ledger,
  failed?: Failure,
): AsyncGenerator<DeploymentEvent, Failure[] | null> {
  const { run, stack } = context;
  const signal = AbortSignal.any([run.signal, run.drainSignal]);
  const dataOf = (name: string): LedgerData => ledger.get(name)?.data ?? {};
  const exists = (step: Step) => mayExist(dataOf(step.name), step);

  const steps = stack.steps.map(
    (step): ExecutableStep => ({
      name: step.name,
      dependsOn: stack.steps.filter(({ after }) => after.includes(step.name)).map(({ name }) => name),
      async *execute(stepContext) {
        if (stepContext.data.unmaking !== true) yield silentUpdate({ unmaking: true });
        try {
          yield* deleteStep(
            context,
            { data: () => stepContext.data, dataOf: stepContext.dataOf },
            step,
            stepContext.signal,
          );
        } catch (error) {
          throw toOperationalError(error, context.mask);
        }
        yield silentUpdate({ unmaking: null });
        return undefined;
      },
    }),
  );
  // Steps with nothing to delete start as done. The others start as running, so that the walk does not count another attempt.
  const reversedLedger = new Map(
    stack.steps.map((step): [string, LedgerStep] => {
      const { name } = step;
      return [name, { name, state: exists(step) ? "running" : "done", data: dataOf(name) }];
    }),
  );
  const events = walk(
    steps,
    { ledger: reversedLedger, signal, drainSignal: run.drainSignal },
    { continueOnFailure: true },
  );
  const outcome = yield* mapEvents(events, (event) => applyEvent(ledger, removalEvent(event, failed)));
  if (outcome.end === "stopped") return null;
  const leftovers = outcome.end === "failed" ? [outcome.failure, ...(outcome.otherFailures ?? [])] : [];
  for (const { name, state } of [...ledger.values()].reverse())
    if (
      !["waiting", "removed"].includes(state) &&
      name !== failed?.step &&
      !leftovers.some(({ step }) => step === name)
    )
      yield applyEvent(ledger, { type: "step", name, state: "removed" });
  return leftovers;
}

/** Transforms events; when the consumer stops, the source stops too. */
export async function* mapEvents(
  events: AsyncGenerator<DeploymentEvent, Outcome>,
  transform: (event: DeploymentEvent) => DeploymentEvent,
): AsyncGenerator<DeploymentEvent, Outcome> {
  try {
    for (;;) {
      const { value, done } = await events.next();
      if (done) return value;
      yield transform(value);
    }
  } finally {
    await events.return({ end: "stopped" });
  }
}

function removalEvent(event: DeploymentEvent, failed: Failure | undefined): DeploymentEvent {
  if (event.type !== "step" || event.state === "failed") return event;
  if (event.name === failed?.step) return { ...event, state: "failed", message: failed.message };
  return event.state === "done" ? { ...event, state: "removed" } : event;
}
