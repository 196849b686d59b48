import type { StepContext, StepUpdate } from "../../walk.ts";
import type { IamMember, Resource, Step } from "../stack.ts";
import { deleteStep, mayExist } from "./delete-step.ts";
import { entryData, isRequested, nameGeneration, readEntry, silentUpdate } from "./ledger-entry.ts";
import { createHmacKey } from "./resources/create-hmac-key.ts";
import { createResource, dataReader, NameReserved } from "./resources/create-resource.ts";
import { addIamMember } from "./resources/iam-policy.ts";
import { runAction } from "./resources/run-action.ts";
import type { RunContext } from "./run-context.ts";

const maxNames = 5;

/** Creates the resources of a step one after another, skipping those that are created already. */
export async function* createStep(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
): AsyncGenerator<StepUpdate, string | undefined> {
  const { failure, unmaking } = stepContext.data;
  // A removal was interrupted: what is left may depend on resources that are gone.
  const ledger = { data: () => stepContext.data, dataOf: dataReader(stepContext, step) };
  if (unmaking === true) yield* deleteStep(context, ledger, step, stepContext.signal);
  if (unmaking === true || failure) yield silentUpdate({ unmaking: null, failure: null, next: null });
  for (let attempt = 1; ; attempt++)
    try {
      // Once everything is deleted, the next attempt uses new names.
      const generation = mayExist(stepContext.data, step)
        ? nameGeneration(stepContext.data)
        : Number(stepContext.data.number ?? 0) + 1;
      yield* createAll(context, stepContext, step, generation);
      return undefined;
    } catch (error) {
      if (!(error instanceof NameReserved) || attempt >= maxNames) throw error;
      yield* deleteStep(context, ledger, step, stepContext.signal);
    }
}

async function* createAll(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  generation: number,
): AsyncGenerator<StepUpdate> {
  const resolver = context.resolver({ dataOf: dataReader(stepContext, step), generation }, stepContext.signal);
  for (const resource of step.resources) {
    stepContext.signal.throwIfAborted();
    if (resource.when && !(await resolver.test(resource.when))) continue;
    yield* createByKind(context, stepContext, step, resource, generation);
  }
}

function createByKind(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  resource: Resource,
  generation: number,
): AsyncGenerator<StepUpdate> {
  switch (resource.kind) {
    case "thing":
      return createResource(context, stepContext, step, resource, generation);
    case "grant":
      return createIamMember(context, stepContext, step, resource, generation);
    case "act":
      return runAction(context, stepContext, step, resource, generation);
    case "key":
      return createHmacKey(context, stepContext, step, resource, generation);
  }
}

async function* createIamMember(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  iamMember: IamMember,
  generation: number,
): AsyncGenerator<StepUpdate> {
  if (readEntry(stepContext.data, iamMember.id).status === "created") return;
  const attempt = Number(stepContext.data.attempt ?? 1);
  if (!isRequested(stepContext.data, iamMember.id))
    yield silentUpdate(entryData(iamMember.id, { status: "requested", attempt, operation: null, generation }));
  await addIamMember(context, { dataOf: dataReader(stepContext, step), generation }, iamMember, stepContext.signal);
  yield silentUpdate(entryData(iamMember.id, { status: "created" }));
}
