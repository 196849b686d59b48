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
 * Creates everything in the stack, in parallel where possible, and waits until the app responds. If something fails, what
 * was created is deleted again, unless the user wants to keep it for a retry, or access has expired.
 */
export async function* provision(dependencies: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  if (run.drainSignal.aborted) return;
  requireAccess(run, reconnectAdvice);
  const context = createRunContext(dependencies, run);
  const ledger = copyLedger(run.ledger);
  let failure = interruptedFailure(ledger);
  if (!failure) {
    const outcome = yield* createAll(context, ledger);
    if (outcome.end === "stopped") return;
    if (outcome.end === "done") {
      const url = await urlOf(context, ledger);
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
  const leftovers = yield* teardown(context, ledger, failure);
  if (leftovers === null) return;
  const lapsed = leftovers.some((failure) => failure.lapsed);
  const leftoverSentence =
    leftovers.length === 0 ? "Everything that was made was taken away again." : leftoverMessage(context, leftovers);
  const next = `${failure.next} ${leftoverSentence}`;
  yield { type: "state", state: "failed", error: { ...failure, next, ...(lapsed ? { lapsed } : {}) } };
}

async function* createAll(context: RunContext, ledger: Ledger): AsyncGenerator<DeploymentEvent, Outcome> {
  const { run, stack } = context;
  const signal = AbortSignal.any([run.signal, run.drainSignal]);
  const stepNames = stack.steps.map(({ name }) => name);
  const lastStep: ExecutableStep = {
    ...reachableStep(context, "", stepNames),
    async *execute(stepContext) {
      const url = await urlOf(context, ledger);
      try {
        return url === null ? undefined : yield* reachableStep(context, url, stepNames).execute(stepContext);
      } catch (error) {
        if (error instanceof OperationalError) context.failures.set(lastStep.name, error);
        throw error;
      }
    },
  };
  const steps = [
    ...stack.steps.map((step) => executableStep(context, step)),
    ...(stack.url === null ? [] : [lastStep]),
  ];
  const events = walk(steps, { ledger: run.ledger, signal, drainSignal: run.drainSignal });
  let failed = false;
  return yield* mapEvents(events, (event) => {
    const isFirst = event.type === "step" && event.state === "failed" && !failed;
    failed ||= isFirst;
    return applyEvent(ledger, event.type === "step" && isFirst ? withCause(context, event) : event);
  });
}

/** Stores the cause of a failure, so that a run after a crash continues the teardown and can say why. */
function withCause({ failures, run }: RunContext, event: Extract<DeploymentEvent, { type: "step" }>): DeploymentEvent {
  const cause = failures.get(event.name);
  if (!cause || cause.lapsed || run.access.keep === "yes") return event;
  return { ...event, data: { ...event.data, failure: cause.message, next: cause.next } };
}

const executableStep = (context: RunContext, step: Step): ExecutableStep => ({
  name: step.name,
  dependsOn: step.after,
  async *execute(stepContext) {
    try {
      return yield* createStep(context, stepContext, step);
    } catch (error) {
      const converted = toOperationalError(error, context.mask);
      if (converted instanceof OperationalError) context.failures.set(step.name, converted);
      throw converted;
    }
  },
});

/** Returns the failure whose teardown a crash interrupted. */
function interruptedFailure(ledger: Ledger): Failure | null {
  for (const { name, state, data } of ledger.values())
    if (state === "failed" && typeof data.failure === "string" && typeof data.next === "string")
      return { message: data.failure, next: data.next, step: name };
  return null;
}

async function urlOf({ resolver, run, stack }: RunContext, ledger: Ledger): Promise<string | null> {
  if (stack.url === null) return null;
  const dataOf = (step: string) => ledger.get(step)?.data ?? {};
  const url = await resolveValue(stack.url, resolver({ dataOf: dataOf, generation: 1 }, run.signal));
  return typeof url === "string" ? url : null;
}

/** Lists what could not be deleted, with the reasons. */
export const leftoverMessage = (
  { project, stack }: Pick<RunContext, "project" | "stack">,
  leftovers: Failure[],
): string => {
  const titles = leftovers.map(({ step, message }) => {
    const { title = step } = stack.steps.find(({ name }) => name === step) ?? {};
    return `${title} (${message})`;
  });
  return `Left in ${project}, and perhaps at a cost, until it is removed: ${titles.join("; ")}`;
};
