import type { Failure } from "../../../plan.ts";
import { type DeploymentEvent, OperationalError, type Run } from "../../cloud.ts";
import { type ExecutableStep, type Outcome, walk } from "../../walk.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Step } from "../stack.ts";
import { reconnectAdvice } from "./api/auth-errors.ts";
import { toOperationalError } from "./api/error-advice.ts";
import { createStep } from "./create-step.ts";
import { resolveValue } from "./resolve-values.ts";
import { createRunContext, type RunContext, requireAccess } from "./run-context.ts";
import { applyEvent, copyLedger, type Ledger, mapEvents, teardown } from "./teardown.ts";
import { reachableStep } from "./wait-until-reachable.ts";

/**
 * Makes everything in the stack, side by side where it can be, and waits until the app answers. What was made is taken
 * away again when something fails, unless it is wished to be kept for another try, or the access that was lent is over.
 */
export async function* provision(world: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  if (run.drainSignal.aborted) return;
  requireAccess(run, reconnectAdvice);
  const session = createRunContext(world, run);
  const ledger = copyLedger(run.ledger);
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
  const left = yield* teardown(session, ledger, failure);
  if (left === null) return;
  const lapsed = left.some((one) => one.lapsed);
  const rest = left.length === 0 ? "Everything that was made was taken away again." : leftoverMessage(session, left);
  const next = `${failure.next} ${rest}`;
  yield { type: "state", state: "failed", error: { ...failure, next, ...(lapsed ? { lapsed } : {}) } };
}

async function* forwards(session: RunContext, ledger: Ledger): AsyncGenerator<DeploymentEvent, Outcome> {
  const { run, stack } = session;
  const signal = AbortSignal.any([run.signal, run.drainSignal]);
  const all = stack.steps.map(({ name }) => name);
  const last: ExecutableStep = {
    ...reachableStep(session, "", all),
    async *execute(hand) {
      const url = await urlOf(session, ledger);
      try {
        return url === null ? undefined : yield* reachableStep(session, url, all).execute(hand);
      } catch (error) {
        if (error instanceof OperationalError) session.failures.set(last.name, error);
        throw error;
      }
    },
  };
  const steps = [...stack.steps.map((step) => walked(session, step)), ...(stack.url === null ? [] : [last])];
  const words = walk(steps, { ledger: run.ledger, signal, drainSignal: run.drainSignal });
  let failed = false;
  return yield* mapEvents(words, (event) => {
    const isFirst = event.type === "step" && event.state === "failed" && !failed;
    failed ||= isFirst;
    return applyEvent(ledger, event.type === "step" && isFirst ? withCause(session, event) : event);
  });
}

/** Whoever goes on after a crash has to know that everything was about to be taken away, and why. */
function withCause(
  { failures: causes, run }: RunContext,
  event: Extract<DeploymentEvent, { type: "step" }>,
): DeploymentEvent {
  const cause = causes.get(event.name);
  if (!cause || cause.lapsed || run.access.keep === "yes") return event;
  return { ...event, data: { ...event.data, failure: cause.message, next: cause.next } };
}

const walked = (session: RunContext, step: Step): ExecutableStep => ({
  name: step.name,
  dependsOn: step.after,
  async *execute(hand) {
    try {
      return yield* createStep(session, hand, step);
    } catch (error) {
      const refusal = toOperationalError(error, session.mask);
      if (refusal instanceof OperationalError) session.failures.set(step.name, refusal);
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

async function urlOf({ resolver: facts, run, stack }: RunContext, ledger: Ledger): Promise<string | null> {
  if (stack.url === null) return null;
  const of = (step: string) => ledger.get(step)?.data ?? {};
  const url = await resolveValue(stack.url, facts({ of, number: 1 }, run.signal));
  return typeof url === "string" ? url : null;
}

/** What could not be taken away, by its title, and why. */
export const leftoverMessage = ({ project, stack }: Pick<RunContext, "project" | "stack">, left: Failure[]): string => {
  const titles = left.map(({ step, message }) => {
    const { title = step } = stack.steps.find(({ name }) => name === step) ?? {};
    return `${title} (${message})`;
  });
  return `Left in ${project}, and perhaps at a cost, until it is removed: ${titles.join("; ")}`;
};
