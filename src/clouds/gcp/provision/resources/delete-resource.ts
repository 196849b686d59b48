import { OperationalError } from "../../../cloud.ts";
import type { StepUpdate } from "../../../walk.ts";
import type { ApiRequest, ManagedResource } from "../../stack.ts";
import { GoogleApiError } from "../api/errors.ts";
import type { LedgerEntry } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { ResolveScope, RunContext } from "../run-context.ts";
import { emptyBucket } from "./empty-bucket.ts";
import { isOwned, resourceState } from "./resource-state.ts";

/** How long a request may be under way that a process left behind when it died. */
const lag = 10_000;
const every = 3_000;
const patience = 60 * 60_000;

/** Takes a thing away, however far it has come, and waits until it is gone. What is not ours is left alone. */
export async function* deleteResource(
  session: RunContext,
  about: ResolveScope,
  thing: ManagedResource,
  line: LedgerEntry,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  const { run, world } = session;
  const { remove } = thing;
  if (remove === null) return;
  const facts = session.resolver(about, signal);
  const since = world.now().getTime();

  // Nothing can be taken away while it is being made.
  if (line.operation !== null)
    try {
      yield* waitForOperation(session, thing.create.api, line.operation, signal);
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
    }
  let found = await find();
  if (!found && line.status === "asked" && line.operation === null) {
    await world.sleep(lag, signal);
    found = await find();
  }
  if (!found || !isOwned(found, thing.mark, run.id)) return;
  while (found && resourceState(found).is === "coming") {
    await world.sleep(every, signal);
    if (world.now().getTime() - since > patience) break;
    found = await find();
  }
  if (found && resourceState(found).is !== "going") {
    if (thing.loosen) yield* carryOut(thing.loosen);
    if (remove.api === "storage" && remove.method === "buckets.delete")
      yield* emptyBucket(session, (await resolveRequest(remove, facts)).params, signal);
    yield* carryOut(remove);
  }
  while (await find()) {
    if (world.now().getTime() - since > patience)
      throw new OperationalError(`It is still there an hour after Google was asked to delete it.`, "Try again.");
    await world.sleep(every, signal);
  }

  async function* carryOut(request: ApiRequest): AsyncGenerator<StepUpdate> {
    try {
      const answer = await session.call(await resolveRequest(request, facts), signal);
      const operation = operationName(request.api, answer);
      if (operation !== null) yield* waitForOperation(session, request.api, operation, signal);
    } catch (error) {
      if (error instanceof OperationFailed) throw error.why;
      // It is gone, or going already.
      if (!(error instanceof GoogleApiError && (error.status === 404 || error.code === "ABORTED"))) throw error;
    }
  }

  async function find() {
    try {
      return await session.call(await resolveRequest(thing.find, facts), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return null;
      throw error;
    }
  }
}
