import type { Data } from "../../cloud.ts";
import type { Said } from "../../walk.ts";
import type { Resource, Step } from "../stack.ts";
import { type Line, lineOf, note, numberOf, written } from "./ledger-entry.ts";
import { takeKeys } from "./resources/create-hmac-key.ts";
import { takeThing } from "./resources/delete-resource.ts";
import { takeBackIfThere } from "./resources/iam-policy.ts";
import { breakOff } from "./resources/run-action.ts";
import { type About, type Session, Untold } from "./run-context.ts";

/** A step's line of the ledger as it is now, and what others have told. */
interface Book {
  data(): Data;
  of(step: string): Data;
}

export const isThere = (data: Data, step: Step): boolean =>
  step.resources.some(({ id }) => ["asked", "made"].includes(lineOf(data, id).is ?? ""));

/** Takes away what belongs to a step, the last first. What is gone already is passed by. */
export async function* takeStep(
  session: Session,
  { data, of }: Book,
  step: Step,
  signal: AbortSignal,
): AsyncGenerator<Said> {
  for (const resource of step.resources.toReversed()) {
    const line = lineOf(data(), resource.id);
    if (line.is !== "asked" && line.is !== "made") continue;
    signal.throwIfAborted();
    try {
      yield* take(session, { of, number: numberOf(data()) }, resource, line, signal);
    } catch (error) {
      // Nobody ever told what its request would have to say: it never left.
      if (!(error instanceof Untold)) throw error;
    }
    yield note(written(resource.id, { is: "gone", operation: null }));
  }
}

async function* take(
  session: Session,
  about: About,
  resource: Resource,
  line: Line,
  signal: AbortSignal,
): AsyncGenerator<Said> {
  switch (resource.kind) {
    case "thing":
      return yield* takeThing(session, about, resource, line, signal);
    case "grant":
      return takeBackIfThere(session, about, resource, signal);
    case "act":
      return breakOff(session, resource, line.operation, signal);
    case "key":
      return takeKeys(session, about, resource, signal);
  }
}
