import type { Event, Run } from "../../cloud.ts";
import { outputs, ownSteps } from "../cloudformation.ts";
import type { World } from "../dependencies.ts";
import { forgetDocument } from "./api/template-upload.ts";
import { begin } from "./create-stack.ts";
import { keptId } from "./describe-stack.ts";
import { follow } from "./follow-stack.ts";
import { refusalIn, type Setting, settingOf } from "./run-context.ts";
import { failureOf } from "./stack-failure.ts";
import { progress } from "./step-progress.ts";
import { answer } from "./wait-until-reachable.ts";

/** Creates the stack, says what CloudFormation says, and waits until the app answers. */
export async function* provision(world: World, run: Run): AsyncGenerator<Event> {
  if (run.draining.aborted) return;
  const setting = settingOf(world, run);
  try {
    yield* carryOut(setting);
  } catch (error) {
    const refusal = refusalIn(setting, error);
    if (refusal === null) return;
    const { book } = setting;
    const step = book.state(ownSteps.stack) === "done" ? ownSteps.answer : ownSteps.stack;
    const { message, next } = refusal;
    if (book.state(step) !== "failed") yield book.step(step, "failed", { message });
    yield { type: "state", state: "failed", error: { message, next, step } };
  } finally {
    setting.account.close();
  }
}

async function* carryOut(setting: Setting): AsyncGenerator<Event> {
  const { book, name, run, stop, template } = setting;
  if (["waiting", "removed"].includes(book.state(ownSteps.stack))) {
    const attempt = Number(book.data(ownSteps.stack).attempt ?? 0) + 1;
    yield book.step(ownSteps.stack, "running", { data: { stack: name, attempt } });
  }
  stop.throwIfAborted();

  const stackId = yield* begin(setting);
  if (book.data(ownSteps.stack).stackId !== keptId(stackId))
    yield book.lines(ownSteps.stack, [`${name} in ${run.plan.region}`], {
      stackId: keptId(stackId),
      last: null,
    });
  const { stack, events } = yield* follow(setting, stackId, {
    during: (seen) => progress(setting, seen),
  });
  await forgetDocument(setting);
  if (stack.StackStatus !== "CREATE_COMPLETE" && !stack.StackStatus?.startsWith("UPDATE_")) {
    const error = failureOf(setting, events, stack);
    if (book.state(ownSteps.stack) !== "failed")
      yield book.step(ownSteps.stack, "failed", {
        message: error.step === ownSteps.stack ? error.message : undefined,
        data: { over: keptId(stackId) },
      });
    yield { type: "state", state: "failed", error };
    return;
  }
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (book.state(Name) !== "done") yield book.step(Name, "done");
  if (book.state(ownSteps.stack) !== "done") yield book.step(ownSteps.stack, "done");
  stop.throwIfAborted();
  const url = stack.Outputs?.find(({ OutputKey }) => OutputKey === outputs.url)?.OutputValue;
  yield* answer(setting, url ?? null);
}
