import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import { type ManagedResource, outputKey, type Step } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getPath } from "../api/json-path.ts";
import {
  mayHaveSucceeded,
  propagationWindowMs,
  resourcePropagationErrors,
  retryUntilPropagated,
} from "../api/retry-propagation.ts";
import type { ResolveScope } from "../create-resolver.ts";
import { entryData, readEntry, silentUpdate } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { RunContext } from "../run-context.ts";
import { deleteResource } from "./delete-resource.ts";
import { isOwned, resourceState } from "./resource-state.ts";

const pollIntervalMs = 2_000;
/** How many polls may miss a resource that exists but is not visible everywhere yet. */
const maxMisses = 15;
const maxAttempts = 10;
const timeoutMs = 90 * 60_000;

/** Creates a resource, or adopts the one that an earlier attempt created. */
export async function* createResource(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  resource: ManagedResource,
  generation: number,
): AsyncGenerator<StepUpdate> {
  const { run, dependencies } = context;
  const { signal } = stepContext;
  const entry = () => readEntry(stepContext.data, resource.id);
  const scope: ResolveScope = { dataOf: dataReader(stepContext, step), generation };
  const resolver = context.resolver(scope, signal);
  const attempt = Number(stepContext.data.attempt ?? 1);
  if (entry().status === "created") return;
  const startedAt = dependencies.now().getTime();

  // A crashed process, or an earlier attempt whose resources we kept, may have created this already, or its creation may
  // still be running.
  if (entry().status === "requested") {
    const response = yield* waitUntilReady(false);
    if (response) return yield* storeOutputs(response);
  }
  if (entry().status !== "requested")
    yield silentUpdate(entryData(resource.id, { status: "requested", attempt, operation: null, generation }));
  yield* storeOutputs(yield* create());

  async function* create(): AsyncGenerator<StepUpdate, ApiResponse> {
    for (let sendAttempt = 1; ; sendAttempt++) {
      let mayBeThere = true;
      try {
        const request = await resolveRequest(resource.create, resolver);
        const response = await retryUntilPropagated(dependencies, () => context.client.call(request), signal, {
          onLostResponse: "throw",
        });
        const operation = operationName(resource.create.api, response);
        if (operation !== null && response.done !== true) yield silentUpdate(entryData(resource.id, { operation }));
      } catch (error) {
        if (isAlreadyExists(error)) {
          const existing = await findWithRetry();
          if (!existing) throw new NameReserved(error.message);
          if (!isOwned(existing, resource.mark, run.id)) throw nameConflict(error);
        } else if (!mayHaveSucceeded(error) || sendAttempt > maxAttempts) throw error;
        else mayBeThere = (await findWithRetry()) !== null;
      }
      const response = mayBeThere ? yield* waitUntilReady(true) : null;
      if (response) return response;
    }
  }

  /** Returns the resource once it is ready; null if it does not exist, or was deleted to be created again. */
  async function* waitUntilReady(mayBeThere: boolean): AsyncGenerator<StepUpdate, ApiResponse | null> {
    const { operation } = entry();
    try {
      if (operation !== null) yield* waitForOperation(context, resource.create.api, operation, signal);
      for (let misses = 0; ; ) {
        const response = await find();
        if (!response) {
          if (!mayBeThere || ++misses > maxMisses) return null;
        } else {
          if (!isOwned(response, resource.mark, run.id)) throw nameConflict(null);
          const state = resourceState(response);
          const hasOutputs = Object.values(resource.tells ?? {}).every((path) => getPath(response, path) !== null);
          if (state.status === "ready" && (hasOutputs || ++misses > maxMisses)) return response;
          if (state.status === "failed") throw new OperationFailed(createFailure(state.reason));
          if (dependencies.now().getTime() - startedAt > timeoutMs)
            throw new OperationalError("It has been coming for an hour.", "Try again.");
        }
        await dependencies.sleep(pollIntervalMs * 2, signal);
      }
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      const isRetry = attempt > entry().attempt;
      const tooEarly =
        resourcePropagationErrors.test(error.message) && dependencies.now().getTime() - startedAt < propagationWindowMs;
      if (!isRetry && !tooEarly) throw error.apiError;
      yield* deleteResource(context, scope, resource, entry(), signal);
      if (tooEarly) await dependencies.sleep(pollIntervalMs * 4, signal);
      yield silentUpdate(entryData(resource.id, { status: "requested", attempt, operation: null, generation }));
      return null;
    }
  }

  async function find(): Promise<ApiResponse | null> {
    try {
      return await context.call(await resolveRequest(resource.find, resolver), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return null;
      throw error;
    }
  }

  async function findWithRetry(): Promise<ApiResponse | null> {
    for (let misses = 0; misses < 4; misses++) {
      const response = await find();
      if (response) return response;
      await dependencies.sleep(pollIntervalMs, signal);
    }
    return find();
  }

  async function* storeOutputs(response: ApiResponse): AsyncGenerator<StepUpdate> {
    const outputs: LedgerData = {};
    for (const [field, path] of Object.entries(resource.tells ?? {})) {
      const value = getPath(response, path);
      if (typeof value === "object") throw new Error(`${step.name}/${resource.id} has no output ${field} at ${path}`);
      outputs[outputKey(resource.id, field)] = value as LedgerData[string];
    }
    yield silentUpdate({ ...outputs, ...entryData(resource.id, { status: "created", operation: null }) });
  }

  function nameConflict(error: GoogleApiError | null) {
    return new OperationalError(
      `${error ? `Google says: ${error.message} ` : ""}There is something called so in ${context.project} already, and it is not of this deployment.`,
      "Rename or delete it, or choose another project, then try again.",
    );
  }
}

const createFailure = (message: string) =>
  new GoogleApiError(message, { status: 0, code: "FAILED_PRECONDITION", reason: "", metadata: {}, retryAfterMs: null });

/** The name is taken, but by nothing that exists: Google reserves it for a while. The next generation has another name. */
export class NameReserved extends Error {
  override name = "NameReserved";
}

/** Cloud SQL reports an existing database with 400. */
const isAlreadyExists = (error: unknown): error is GoogleApiError =>
  error instanceof GoogleApiError &&
  (error.code === "ALREADY_EXISTS" ||
    /^(alreadyExists|instanceAlreadyExists)$/.test(error.reason) ||
    (error.status === 409 && error.code === "conflict") ||
    /already exists/i.test(error.message));

/** Returns a reader of the ledger data of every step, including what this one has stored so far. */
export const dataReader = (stepContext: StepContext, step: Step) => (name: string) =>
  name === step.name ? stepContext.data : stepContext.dataOf(name);
