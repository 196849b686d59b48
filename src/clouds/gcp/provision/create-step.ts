import type { Hand, Said } from "../../walk.ts";
import type { Grant, Resource, Step } from "../stack.ts";
import { isThere, takeStep } from "./delete-step.ts";
import { isAsked, lineOf, note, numberOf, written } from "./ledger-entry.ts";
import { makeKey } from "./resources/create-hmac-key.ts";
import { Burnt, makeThing, of } from "./resources/create-resource.ts";
import { give } from "./resources/iam-policy.ts";
import { makeAct } from "./resources/run-action.ts";
import type { Session } from "./run-context.ts";

const names = 5;

/** Makes what belongs to a step, one after the other. What is made already is passed by. */
export async function* makeStep(session: Session, hand: Hand, step: Step): AsyncGenerator<Said, string | undefined> {
  const { failure, unmaking } = hand.data;
  // Half of it was taken away before: what is left may fit to something that is no more.
  const book = { data: () => hand.data, of: of(hand, step) };
  if (unmaking === true) yield* takeStep(session, book, step, hand.signal);
  if (unmaking === true || failure) yield note({ unmaking: null, failure: null, next: null });
  for (let tried = 1; ; tried++)
    try {
      // Where nothing is there any more, what was there had other names.
      const number = isThere(hand.data, step) ? numberOf(hand.data) : Number(hand.data.number ?? 0) + 1;
      yield* makeAll(session, hand, step, number);
      return undefined;
    } catch (error) {
      if (!(error instanceof Burnt) || tried >= names) throw error;
      yield* takeStep(session, book, step, hand.signal);
    }
}

async function* makeAll(session: Session, hand: Hand, step: Step, number: number): AsyncGenerator<Said> {
  const facts = session.facts({ of: of(hand, step), number }, hand.signal);
  for (const resource of step.resources) {
    hand.signal.throwIfAborted();
    if (resource.when && !(await facts.holds(resource.when))) continue;
    yield* make(session, hand, step, resource, number);
  }
}

function make(session: Session, hand: Hand, step: Step, resource: Resource, number: number): AsyncGenerator<Said> {
  switch (resource.kind) {
    case "thing":
      return makeThing(session, hand, step, resource, number);
    case "grant":
      return makeGrant(session, hand, step, resource, number);
    case "act":
      return makeAct(session, hand, step, resource, number);
    case "key":
      return makeKey(session, hand, step, resource, number);
  }
}

async function* makeGrant(
  session: Session,
  hand: Hand,
  step: Step,
  grant: Grant,
  number: number,
): AsyncGenerator<Said> {
  if (lineOf(hand.data, grant.id).is === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  if (!isAsked(hand.data, grant.id)) yield note(written(grant.id, { is: "asked", attempt, operation: null, number }));
  await give(session, { of: of(hand, step), number }, grant, hand.signal);
  yield note(written(grant.id, { is: "made" }));
}
