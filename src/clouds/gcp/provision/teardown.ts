import type { Failure } from "../../../plan.ts";
import type { Data, Event, LedgerStep } from "../../cloud.ts";
import { type Outcome, type WalkStep, walk } from "../../walk.ts";
import type { Step } from "../stack.ts";
import { refusalOf } from "./api/error-advice.ts";
import { isThere, takeStep } from "./delete-step.ts";
import { note } from "./ledger-entry.ts";
import type { Session } from "./run-context.ts";

export type Ledger = Map<string, LedgerStep>;

/** What is known of every step by now, in a copy that follows what is said. */
export const ledgerOf = (ledger: ReadonlyMap<string, LedgerStep>): Ledger =>
  new Map([...ledger].map(([name, line]) => [name, { ...line, data: { ...line.data } }]));

export function follows(ledger: Ledger, event: Event): Event {
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
export async function* takeAllAway(
  session: Session,
  ledger: Ledger,
  failed?: Failure,
): AsyncGenerator<Event, Failure[] | null> {
  const { run, stack } = session;
  const signal = AbortSignal.any([run.signal, run.draining]);
  const dataOf = (name: string): Data => ledger.get(name)?.data ?? {};
  const there = (step: Step) => isThere(dataOf(step.name), step);

  const steps = stack.steps.map(
    (step): WalkStep => ({
      name: step.name,
      after: stack.steps.filter(({ after }) => after.includes(step.name)).map(({ name }) => name),
      async *create(hand) {
        if (hand.data.unmaking !== true) yield note({ unmaking: true });
        try {
          yield* takeStep(session, { data: () => hand.data, of: hand.of }, step, hand.signal);
        } catch (error) {
          throw refusalOf(error, session.hide);
        }
        yield note({ unmaking: null });
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
  const words = walk(steps, { ledger: upside, signal, draining: run.draining }, { past: true });
  const outcome = yield* retold(words, (event) => follows(ledger, toldBackwards(event, failed)));
  if (outcome.end === "stopped") return null;
  const left = outcome.end === "failed" ? [outcome.failure, ...(outcome.others ?? [])] : [];
  for (const { name, state } of [...ledger.values()].reverse())
    if (!["waiting", "removed"].includes(state) && name !== failed?.step && !left.some(({ step }) => step === name))
      yield follows(ledger, { type: "step", name, state: "removed" });
  return left;
}

/** The same events in other words; whoever stops listening stops what is told about. */
export async function* retold(
  words: AsyncGenerator<Event, Outcome>,
  tell: (event: Event) => Event,
): AsyncGenerator<Event, Outcome> {
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

function toldBackwards(event: Event, failed: Failure | undefined): Event {
  if (event.type !== "step" || event.state === "failed") return event;
  if (event.name === failed?.step) return { ...event, state: "failed", message: failed.message };
  return event.state === "done" ? { ...event, state: "removed" } : event;
}
