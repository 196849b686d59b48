import type { DeploymentEvent, Run } from "../../cloud.ts";
import { builtInSteps, outputs } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { deleteUploadedTemplate } from "./api/template-upload.ts";
import { createOrAdoptStack } from "./create-stack.ts";
import { enableDeletionProtection } from "./deletion-protection.ts";
import { redactAccountId } from "./describe-stack.ts";
import { followStack } from "./follow-stack.ts";
import { createRunContext, type RunContext, toOperationalErrorUnlessAborted } from "./run-context.ts";
import { stackFailure } from "./stack-failure.ts";
import { createProgress } from "./step-progress.ts";
import { waitUntilReachable } from "./wait-until-reachable.ts";

/** Creates the stack, says what CloudFormation says, and waits until the app answers. */
export async function* provision(dependencies: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  if (run.drainSignal.aborted) return;
  const context = createRunContext(dependencies, run);
  try {
    yield* provisionStack(context);
  } catch (error) {
    const operationalError = toOperationalErrorUnlessAborted(context, error);
    if (operationalError === null) return;
    const { ledger } = context;
    const step = ledger.state(builtInSteps.stack) === "done" ? builtInSteps.answer : builtInSteps.stack;
    const { message, next } = operationalError;
    if (ledger.state(step) !== "failed") yield ledger.step(step, "failed", { message });
    yield { type: "state", state: "failed", error: { message, next, step } };
  } finally {
    context.clients.close();
  }
}

async function* provisionStack(context: RunContext): AsyncGenerator<DeploymentEvent> {
  const { ledger, name, run, signal, template } = context;
  if (["waiting", "removed"].includes(ledger.state(builtInSteps.stack))) {
    const attempt = Number(ledger.data(builtInSteps.stack).attempt ?? 0) + 1;
    yield ledger.step(builtInSteps.stack, "running", { data: { stack: name, attempt } });
  }
  signal.throwIfAborted();

  const stackId = yield* createOrAdoptStack(context);
  if (ledger.data(builtInSteps.stack).stackId !== redactAccountId(stackId))
    yield ledger.lines(builtInSteps.stack, [`${name} in ${run.plan.region}`], {
      stackId: redactAccountId(stackId),
      last: null,
    });
  const { stack, events } = yield* followStack(context, stackId, {
    onPoll: (snapshot) => createProgress(context, snapshot),
  });
  await deleteUploadedTemplate(context);
  if (stack.StackStatus !== "CREATE_COMPLETE" && !stack.StackStatus?.startsWith("UPDATE_")) {
    const error = stackFailure(context, events, stack);
    if (ledger.state(builtInSteps.stack) !== "failed")
      yield ledger.step(builtInSteps.stack, "failed", {
        message: error.step === builtInSteps.stack ? error.message : undefined,
        data: { over: redactAccountId(stackId) },
      });
    yield { type: "state", state: "failed", error };
    return;
  }
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (ledger.state(Name) !== "done") yield ledger.step(Name, "done");
  yield* enableDeletionProtection(context, stackId);
  if (ledger.state(builtInSteps.stack) !== "done") yield ledger.step(builtInSteps.stack, "done");
  signal.throwIfAborted();
  const url = stack.Outputs?.find(({ OutputKey }) => OutputKey === outputs.url)?.OutputValue;
  yield* waitUntilReachable(context, url ?? null);
}
