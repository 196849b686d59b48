import type { Hand, Said } from "../walk.ts";
import { give } from "./grants.ts";
import { lineOf, written } from "./line.ts";
import { makeAct } from "./make-act.ts";
import { makeKey } from "./make-key.ts";
import { makeThing, of } from "./make-thing.ts";
import type { Session } from "./session.ts";
import type { Grant, Resource, Step } from "./stack.ts";
import { takeStep } from "./take.ts";

/** Makes what belongs to a step, one after the other. What is made already is passed by. */
export async function* makeStep(session: Session, hand: Hand, step: Step): AsyncGenerator<Said, string | undefined> {
  const { failure, unmaking } = hand.data;
  // Half of it was taken away before: what is left may fit to something that is no more.
  if (unmaking === true) yield* takeStep(session, { data: () => hand.data, of: of(hand, step) }, step, hand.signal);
  if (unmaking === true || failure) yield { data: { unmaking: null, failure: null, next: null } };
  for (const resource of step.resources) {
    hand.signal.throwIfAborted();
    const facts = session.facts({ of: of(hand, step), try: lineOf(hand.data, resource.id).try }, hand.signal);
    if (resource.when && !(await facts.holds(resource.when))) continue;
    yield* make(session, hand, step, resource);
  }
  return undefined;
}

function make(session: Session, hand: Hand, step: Step, resource: Resource): AsyncGenerator<Said> {
  switch (resource.kind) {
    case "thing":
      return makeThing(session, hand, step, resource);
    case "grant":
      return makeGrant(session, hand, step, resource);
    case "act":
      return makeAct(session, hand, step, resource);
    case "key":
      return makeKey(session, hand, step, resource);
  }
}

async function* makeGrant(session: Session, hand: Hand, step: Step, grant: Grant): AsyncGenerator<Said> {
  if (lineOf(hand.data, grant.id).is === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  yield { data: written(grant.id, { is: "asked", try: attempt, attempt, operation: null }) };
  await give(session, { of: of(hand, step), try: attempt }, grant, hand.signal);
  yield { data: written(grant.id, { is: "made" }) };
}
