import type { DeploymentEvent, Run } from "../../cloud.ts";
import { builtInSteps, outputs } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { deleteUploadedTemplate } from "./api/template-upload.ts";
import { createOrAdoptStack } from "./create-stack.ts";
import { redactAccountId } from "./describe-stack.ts";
import { followStack } from "./follow-stack.ts";
import { createRunContext, type RunContext, toOperationalErrorUnlessAborted } from "./run-context.ts";
import { stackFailure } from "./stack-failure.ts";
import { createProgress } from "./step-progress.ts";
import { waitUntilReachable } from "./wait-until-reachable.ts";

/** Creates the stack, says what CloudFormation says, and waits until the app answers. */
export async function* provision(world: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  if (run.drainSignal.aborted) return;
  const setting = createRunContext(world, run);
  try {
    yield* carryOut(setting);
  } catch (error) {
    const refusal = toOperationalErrorUnlessAborted(setting, error);
    if (refusal === null) return;
    const { ledger: book } = setting;
    const step = book.state(builtInSteps.stack) === "done" ? builtInSteps.answer : builtInSteps.stack;
    const { message, next } = refusal;
    if (book.state(step) !== "failed") yield book.step(step, "failed", { message });
    yield { type: "state", state: "failed", error: { message, next, step } };
  } finally {
    setting.account.close();
  }
}

async function* carryOut(setting: RunContext): AsyncGenerator<DeploymentEvent> {
  const { ledger: book, name, run, signal: stop, template } = setting;
  if (["waiting", "removed"].includes(book.state(builtInSteps.stack))) {
    const attempt = Number(book.data(builtInSteps.stack).attempt ?? 0) + 1;
    yield book.step(builtInSteps.stack, "running", { data: { stack: name, attempt } });
  }
  stop.throwIfAborted();

  const stackId = yield* createOrAdoptStack(setting);
  if (book.data(builtInSteps.stack).stackId !== redactAccountId(stackId))
    yield book.lines(builtInSteps.stack, [`${name} in ${run.plan.region}`], {
      stackId: redactAccountId(stackId),
      last: null,
    });
  const { stack, events } = yield* followStack(setting, stackId, {
    during: (seen) => createProgress(setting, seen),
  });
  await deleteUploadedTemplate(setting);
  if (stack.StackStatus !== "CREATE_COMPLETE" && !stack.StackStatus?.startsWith("UPDATE_")) {
    const error = stackFailure(setting, events, stack);
    if (book.state(builtInSteps.stack) !== "failed")
      yield book.step(builtInSteps.stack, "failed", {
        message: error.step === builtInSteps.stack ? error.message : undefined,
        data: { over: redactAccountId(stackId) },
      });
    yield { type: "state", state: "failed", error };
    return;
  }
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (book.state(Name) !== "done") yield book.step(Name, "done");
  if (book.state(builtInSteps.stack) !== "done") yield book.step(builtInSteps.stack, "done");
  stop.throwIfAborted();
  const url = stack.Outputs?.find(({ OutputKey }) => OutputKey === outputs.url)?.OutputValue;
  yield* waitUntilReachable(setting, url ?? null);
}
