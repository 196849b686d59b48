import type { Failure } from "../../../plan.ts";
import { type Event, Refusal, type Run } from "../../cloud.ts";
import { type Outcome, type WalkStep, walk } from "../../walk.ts";
import type { World } from "../dependencies.ts";
import type { Step } from "../stack.ts";
import { lendAgain } from "./api/auth-errors.ts";
import { refusalOf } from "./api/error-advice.ts";
import { makeStep } from "./create-step.ts";
import { fill } from "./resolve-values.ts";
import { mustBeLent, type Session, sessionOf } from "./run-context.ts";
import { follows, type Ledger, ledgerOf, retold, takeAllAway } from "./teardown.ts";
import { answer } from "./wait-until-reachable.ts";

/**
 * Makes everything in the stack, side by side where it can be, and waits until the app answers. What was made is taken
 * away again when something fails, unless it is wished to be kept for another try, or the access that was lent is over.
 */
export async function* provision(world: World, run: Run): AsyncGenerator<Event> {
  if (run.draining.aborted) return;
  mustBeLent(run, lendAgain);
  const session = sessionOf(world, run);
  const ledger = ledgerOf(run.ledger);
  let failure = clearingOf(ledger);
  if (!failure) {
    const outcome = yield* forwards(session, ledger);
    if (outcome.end === "stopped") return;
    if (outcome.end === "done") {
      const url = await urlOf(session, ledger);
      yield { type: "state", state: "succeeded", url };
      return;
    }
    failure = outcome.failure;
    if (failure.lapsed) {
      yield { type: "state", state: "failed", error: failure };
      return;
    }
    if (run.access.keep === "yes") {
      const next = `${failure.next} Everything that was made so far is kept, and costs what the plan says, until you try again or remove it.`;
      yield { type: "state", state: "failed", error: { ...failure, next } };
      return;
    }
  }
  const left = yield* takeAllAway(session, ledger, failure);
  if (left === null) return;
  const lapsed = left.some((one) => one.lapsed);
  const rest = left.length === 0 ? "Everything that was made was taken away again." : leftovers(session, left);
  const next = `${failure.next} ${rest}`;
  yield { type: "state", state: "failed", error: { ...failure, next, ...(lapsed ? { lapsed } : {}) } };
}

async function* forwards(session: Session, ledger: Ledger): AsyncGenerator<Event, Outcome> {
  const { run, stack } = session;
  const signal = AbortSignal.any([run.signal, run.draining]);
  const all = stack.steps.map(({ name }) => name);
  const last: WalkStep = {
    ...answer(session, "", all),
    async *create(hand) {
      const url = await urlOf(session, ledger);
      try {
        return url === null ? undefined : yield* answer(session, url, all).create(hand);
      } catch (error) {
        if (error instanceof Refusal) session.causes.set(last.name, error);
        throw error;
      }
    },
  };
  const steps = [...stack.steps.map((step) => walked(session, step)), ...(stack.url === null ? [] : [last])];
  const words = walk(steps, { ledger: run.ledger, signal, draining: run.draining });
  let failed = false;
  return yield* retold(words, (event) => {
    const isFirst = event.type === "step" && event.state === "failed" && !failed;
    failed ||= isFirst;
    return follows(ledger, event.type === "step" && isFirst ? withCause(session, event) : event);
  });
}

/** Whoever goes on after a crash has to know that everything was about to be taken away, and why. */
function withCause({ causes, run }: Session, event: Extract<Event, { type: "step" }>): Event {
  const cause = causes.get(event.name);
  if (!cause || cause.lapsed || run.access.keep === "yes") return event;
  return { ...event, data: { ...event.data, failure: cause.message, next: cause.next } };
}

const walked = (session: Session, step: Step): WalkStep => ({
  name: step.name,
  after: step.after,
  async *create(hand) {
    try {
      return yield* makeStep(session, hand, step);
    } catch (error) {
      const refusal = refusalOf(error, session.hide);
      if (refusal instanceof Refusal) session.causes.set(step.name, refusal);
      throw refusal;
    }
  },
});

/** What failed before, when everything was about to be taken away, and a process died over it. */
function clearingOf(ledger: Ledger): Failure | null {
  for (const { name, state, data } of ledger.values())
    if (state === "failed" && typeof data.failure === "string" && typeof data.next === "string")
      return { message: data.failure, next: data.next, step: name };
  return null;
}

async function urlOf({ facts, run, stack }: Session, ledger: Ledger): Promise<string | null> {
  if (stack.url === null) return null;
  const of = (step: string) => ledger.get(step)?.data ?? {};
  const url = await fill(stack.url, facts({ of, number: 1 }, run.signal));
  return typeof url === "string" ? url : null;
}

/** What could not be taken away, by its title, and why. */
export const leftovers = ({ project, stack }: Pick<Session, "project" | "stack">, left: Failure[]): string => {
  const titles = left.map(({ step, message }) => {
    const { title = step } = stack.steps.find(({ name }) => name === step) ?? {};
    return `${title} (${message})`;
  });
  return `Left in ${project}, and perhaps at a cost, until it is removed: ${titles.join("; ")}`;
};
