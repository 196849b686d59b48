import type { StepContext, StepUpdate } from "../../walk.ts";
import type { IamMember, Resource, Step } from "../stack.ts";
import { deleteStep, mayExist } from "./delete-step.ts";
import { entryData, isRequested, nameGeneration, readEntry, silentUpdate } from "./ledger-entry.ts";
import { createHmacKey } from "./resources/create-hmac-key.ts";
import { createResource, dataReader, NameReserved } from "./resources/create-resource.ts";
import { addIamMember } from "./resources/iam-policy.ts";
import { runAction } from "./resources/run-action.ts";
import type { RunContext } from "./run-context.ts";

const names = 5;

/** Makes what belongs to a step, one after the other. What is made already is passed by. */
export async function* createStep(
  session: RunContext,
  hand: StepContext,
  step: Step,
): AsyncGenerator<StepUpdate, string | undefined> {
  const { failure, unmaking } = hand.data;
  // Half of it was taken away before: what is left may fit to something that is no more.
  const book = { data: () => hand.data, of: dataReader(hand, step) };
  if (unmaking === true) yield* deleteStep(session, book, step, hand.signal);
  if (unmaking === true || failure) yield silentUpdate({ unmaking: null, failure: null, next: null });
  for (let tried = 1; ; tried++)
    try {
      // Where nothing is there any more, what was there had other names.
      const number = mayExist(hand.data, step) ? nameGeneration(hand.data) : Number(hand.data.number ?? 0) + 1;
      yield* makeAll(session, hand, step, number);
      return undefined;
    } catch (error) {
      if (!(error instanceof NameReserved) || tried >= names) throw error;
      yield* deleteStep(session, book, step, hand.signal);
    }
}

async function* makeAll(
  session: RunContext,
  hand: StepContext,
  step: Step,
  number: number,
): AsyncGenerator<StepUpdate> {
  const facts = session.resolver({ of: dataReader(hand, step), number }, hand.signal);
  for (const resource of step.resources) {
    hand.signal.throwIfAborted();
    if (resource.when && !(await facts.test(resource.when))) continue;
    yield* make(session, hand, step, resource, number);
  }
}

function make(
  session: RunContext,
  hand: StepContext,
  step: Step,
  resource: Resource,
  number: number,
): AsyncGenerator<StepUpdate> {
  switch (resource.kind) {
    case "thing":
      return createResource(session, hand, step, resource, number);
    case "grant":
      return makeGrant(session, hand, step, resource, number);
    case "act":
      return runAction(session, hand, step, resource, number);
    case "key":
      return createHmacKey(session, hand, step, resource, number);
  }
}

async function* makeGrant(
  session: RunContext,
  hand: StepContext,
  step: Step,
  grant: IamMember,
  number: number,
): AsyncGenerator<StepUpdate> {
  if (readEntry(hand.data, grant.id).status === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  if (!isRequested(hand.data, grant.id))
    yield silentUpdate(entryData(grant.id, { status: "asked", attempt, operation: null, number }));
  await addIamMember(session, { of: dataReader(hand, step), number }, grant, hand.signal);
  yield silentUpdate(entryData(grant.id, { status: "made" }));
}
