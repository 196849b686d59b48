import type { StepContext, StepUpdate } from "../../../walk.ts";
import { type HmacKey, outputKey, type Step } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getPath, getString } from "../api/json-path.ts";
import { isServiceAccountPending, mayHaveSucceeded } from "../api/retry-propagation.ts";
import type { ResolveScope } from "../create-resolver.ts";
import { entryData, isRequested, readEntry, silentUpdate } from "../ledger-entry.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { RunContext } from "../run-context.ts";
import { dataReader } from "./create-resource.ts";

/** Creates the HMAC key and stores its secret. Starts over with a new key until all of that is done. */
export async function* createHmacKey(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  key: HmacKey,
  generation: number,
): AsyncGenerator<StepUpdate> {
  const { signal } = stepContext;
  if (readEntry(stepContext.data, key.id).status === "created") return;
  const attempt = Number(stepContext.data.attempt ?? 1);
  if (!isRequested(stepContext.data, key.id))
    yield silentUpdate(entryData(key.id, { status: "requested", attempt, operation: null, generation }));
  const scope: ResolveScope = { dataOf: dataReader(stepContext, step), generation };
  const created = await create();
  const secret = getString(created, "secret");
  context.addSecret(secret);
  const keyFields = { ...((getPath(created, "metadata") as ApiResponse | null) ?? {}), secret };
  for (const request of key.keep) {
    const resolver = context.resolver({ ...scope, key: keyFields }, signal);
    await context.call(await resolveRequest(request, resolver), signal);
  }
  const outputs = Object.entries(key.tells).map(([field, path]) => [
    outputKey(key.id, field),
    getString(created, path),
  ]);
  yield silentUpdate({ ...Object.fromEntries(outputs), ...entryData(key.id, { status: "created" }) });

  /** Deletes any existing key first: a key whose response was lost is useless, because only that contained its secret. */
  async function create(): Promise<ApiResponse> {
    for (let attempts = 1; ; attempts++) {
      await deleteHmacKeys(context, scope, key, signal);
      try {
        return await context.client.call(await resolveRequest(key.create, context.resolver(scope, signal)));
      } catch (error) {
        if (
          (!mayHaveSucceeded(error) &&
            !isServiceAccountPending(error) &&
            !(error instanceof GoogleApiError && error.status === 429)) ||
          attempts > 10
        )
          throw error;
        await context.dependencies.sleep(1_000 * attempts, signal);
      }
    }
  }
}

/** Deletes every HMAC key of the service account. */
export async function deleteHmacKeys(context: RunContext, scope: ResolveScope, key: HmacKey, signal: AbortSignal) {
  const listed = await context.call(await resolveRequest(key.list, context.resolver(scope, signal)), signal);
  const items = Array.isArray(listed.items) ? (listed.items as ApiResponse[]) : [];
  for (const item of items) {
    if (getString(item, "state") === "DELETED") continue;
    for (const request of key.remove)
      try {
        await context.call(await resolveRequest(request, context.resolver({ ...scope, key: item }, signal)), signal);
      } catch (error) {
        if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
      }
  }
}
