import type { LedgerData } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";
import type { Resource, Step } from "../stack.ts";
import { MissingOutput, type ResolveScope } from "./create-resolver.ts";
import { entryData, type LedgerEntry, nameGeneration, readEntry, silentUpdate } from "./ledger-entry.ts";
import { deleteHmacKeys } from "./resources/create-hmac-key.ts";
import { deleteResource } from "./resources/delete-resource.ts";
import { removeIamMemberIfExists } from "./resources/iam-policy.ts";
import { cancelAction } from "./resources/run-action.ts";
import type { RunContext } from "./run-context.ts";

/** The current ledger data of a step, and that of others. */
interface StepLedger {
  data(): LedgerData;
  dataOf(step: string): LedgerData;
}

export const mayExist = (data: LedgerData, step: Step): boolean =>
  step.resources.some(({ id }) => ["requested", "created"].includes(readEntry(data, id).status ?? ""));

/** Deletes the resources of a step in reverse order, skipping those that are deleted already. */
export async function* deleteStep(
  context: RunContext,
  { data, dataOf }: StepLedger,
  step: Step,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  for (const resource of step.resources.toReversed()) {
    const entry = readEntry(data(), resource.id);
    if (entry.status !== "requested" && entry.status !== "created") continue;
    signal.throwIfAborted();
    try {
      yield* deleteByKind(context, { dataOf: dataOf, generation: nameGeneration(data()) }, resource, entry, signal);
    } catch (error) {
      // Without this output the create request cannot have been sent.
      if (!(error instanceof MissingOutput)) throw error;
    }
    yield silentUpdate(entryData(resource.id, { status: "deleted", operation: null }));
  }
}

async function* deleteByKind(
  context: RunContext,
  scope: ResolveScope,
  resource: Resource,
  entry: LedgerEntry,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  switch (resource.kind) {
    case "thing":
      return yield* deleteResource(context, scope, resource, entry, signal);
    case "grant":
      return removeIamMemberIfExists(context, scope, resource, signal);
    case "act":
      return cancelAction(context, resource, entry.operation, signal);
    case "key":
      return deleteHmacKeys(context, scope, resource, signal);
  }
}
