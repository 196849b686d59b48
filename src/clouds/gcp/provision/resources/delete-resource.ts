import { OperationalError } from "../../../cloud.ts";
import type { StepUpdate } from "../../../walk.ts";
import type { ApiRequest, ManagedResource } from "../../stack.ts";
import { GoogleApiError } from "../api/errors.ts";
import type { ResolveScope } from "../create-resolver.ts";
import type { LedgerEntry } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { RunContext } from "../run-context.ts";
import { emptyBucket } from "./empty-bucket.ts";
import { isOwned, resourceState } from "./resource-state.ts";

/** How long a request that a crashed process sent may still be in flight. */
const inFlightGraceMs = 10_000;
const pollIntervalMs = 3_000;
const timeoutMs = 60 * 60_000;

/** Deletes a resource in any state and waits until it is gone. Leaves resources of others alone. */
export async function* deleteResource(
  context: RunContext,
  scope: ResolveScope,
  resource: ManagedResource,
  entry: LedgerEntry,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  const { run, dependencies } = context;
  const { remove } = resource;
  if (remove === null) return;
  const resolver = context.resolver(scope, signal);
  const startedAt = dependencies.now().getTime();

  // Google refuses to delete a resource while it is being created.
  if (entry.operation !== null)
    try {
      yield* waitForOperation(context, resource.create.api, entry.operation, signal);
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
    }
  let existing = await find();
  if (!existing && entry.status === "requested" && entry.operation === null) {
    await dependencies.sleep(inFlightGraceMs, signal);
    existing = await find();
  }
  if (!existing || !isOwned(existing, resource.mark, run.id)) return;
  while (existing && resourceState(existing).status === "creating") {
    await dependencies.sleep(pollIntervalMs, signal);
    if (dependencies.now().getTime() - startedAt > timeoutMs) break;
    existing = await find();
  }
  if (existing && resourceState(existing).status !== "deleting") {
    if (resource.loosen) yield* execute(resource.loosen);
    if (remove.api === "storage" && remove.method === "buckets.delete")
      yield* emptyBucket(context, (await resolveRequest(remove, resolver)).params, signal);
    yield* execute(remove);
  }
  while (await find()) {
    if (dependencies.now().getTime() - startedAt > timeoutMs)
      throw new OperationalError(`It is still there an hour after Google was asked to delete it.`, "Try again.");
    await dependencies.sleep(pollIntervalMs, signal);
  }

  async function* execute(request: ApiRequest): AsyncGenerator<StepUpdate> {
    try {
      const response = await context.call(await resolveRequest(request, resolver), signal);
      const operation = operationName(request.api, response);
      if (operation !== null) yield* waitForOperation(context, request.api, operation, signal);
    } catch (error) {
      if (error instanceof OperationFailed) throw error.apiError;
      // It is deleted, or being deleted, already.
      if (!(error instanceof GoogleApiError && (error.status === 404 || error.code === "ABORTED"))) throw error;
    }
  }

  async function find() {
    try {
      return await context.call(await resolveRequest(resource.find, resolver), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return null;
      throw error;
    }
  }
}
