import type { LedgerData } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";
import type { Resource, Step } from "../stack.ts";
import { entryData, type LedgerEntry, nameGeneration, readEntry, silentUpdate } from "./ledger-entry.ts";
import { deleteHmacKeys } from "./resources/create-hmac-key.ts";
import { deleteResource } from "./resources/delete-resource.ts";
import { removeIamMemberIfExists } from "./resources/iam-policy.ts";
import { cancelAction } from "./resources/run-action.ts";
import { MissingOutput, type ResolveScope, type RunContext } from "./run-context.ts";

/** A step's line of the ledger as it is now, and what others have told. */
interface Book {
  data(): LedgerData;
  of(step: string): LedgerData;
}

export const mayExist = (data: LedgerData, step: Step): boolean =>
  step.resources.some(({ id }) => ["asked", "made"].includes(readEntry(data, id).status ?? ""));

/** Takes away what belongs to a step, the last first. What is gone already is passed by. */
export async function* deleteStep(
  session: RunContext,
  { data, of }: Book,
  step: Step,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  for (const resource of step.resources.toReversed()) {
    const line = readEntry(data(), resource.id);
    if (line.status !== "asked" && line.status !== "made") continue;
    signal.throwIfAborted();
    try {
      yield* take(session, { of, number: nameGeneration(data()) }, resource, line, signal);
    } catch (error) {
      // Nobody ever told what its request would have to say: it never left.
      if (!(error instanceof MissingOutput)) throw error;
    }
    yield silentUpdate(entryData(resource.id, { status: "gone", operation: null }));
  }
}

async function* take(
  session: RunContext,
  about: ResolveScope,
  resource: Resource,
  line: LedgerEntry,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  switch (resource.kind) {
    case "thing":
      return yield* deleteResource(session, about, resource, line, signal);
    case "grant":
      return removeIamMemberIfExists(session, about, resource, signal);
    case "act":
      return cancelAction(session, resource, line.operation, signal);
    case "key":
      return deleteHmacKeys(session, about, resource, signal);
  }
}
