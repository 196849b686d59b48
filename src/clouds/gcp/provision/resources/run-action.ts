import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Action, Step } from "../../stack.ts";
import { GoogleApiError } from "../api/errors.ts";
import {
  actionPropagationErrors,
  mayHaveSucceeded,
  propagationWindowMs,
  retryUntilPropagated,
} from "../api/retry-propagation.ts";
import { tailLogs } from "../cloud-logging.ts";
import type { ResolveScope } from "../create-resolver.ts";
import { entryData, isRequested, readEntry, silentUpdate } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { RunContext } from "../run-context.ts";
import { type ActionAdapter, adapterFor, correlationTag } from "./action-adapters.ts";
import { dataReader } from "./create-resource.ts";

const initialDelayMs = 2_000;
const maxDelayMs = 8_000;
const maxAttempts = 10;

/** Runs an action and waits until it is done; continues one that an earlier attempt started. */
export async function* runAction(
  context: RunContext,
  stepContext: StepContext,
  step: Step,
  action: Action,
  generation: number,
): AsyncGenerator<StepUpdate> {
  const { run, dependencies } = context;
  const { signal } = stepContext;
  const entry = () => readEntry(stepContext.data, action.id);
  if (entry().status === "created") return;
  const attempt = Number(stepContext.data.attempt ?? 1);
  const scope: ResolveScope = { dataOf: dataReader(stepContext, step), generation };
  const request = async () => resolveRequest(action.start, context.resolver(scope, signal));
  const startedAt = dependencies.now().getTime();
  const adapter = adapterFor(action, context, signal);
  if (adapter) yield* runUntilDone(adapter);
  else yield* runDirectly();
  yield silentUpdate(entryData(action.id, { status: "created", operation: null }));

  async function* runDirectly(): AsyncGenerator<StepUpdate> {
    if (!isRequested(stepContext.data, action.id))
      yield silentUpdate(entryData(action.id, { status: "requested", attempt, operation: null, generation }));
    const response = await context.call(await request(), signal);
    const operation = operationName(action.start.api, response);
    if (operation === null || response.done === true) return;
    try {
      yield* waitForOperation(context, action.start.api, operation, signal);
    } catch (error) {
      throw error instanceof OperationFailed ? error.apiError : error;
    }
  }

  async function* runUntilDone(adapter: ActionAdapter): AsyncGenerator<StepUpdate> {
    for (;;) {
      const name = yield* findOrStart(adapter);
      const failed = yield* follow(adapter, name);
      if (failed === null) return;
      const isFromEarlierAttempt = attempt > entry().attempt;
      if (
        !isFromEarlierAttempt &&
        !(
          actionPropagationErrors.test(failed.message) && dependencies.now().getTime() - startedAt < propagationWindowMs
        )
      )
        throw failed;
      if (!isFromEarlierAttempt) await dependencies.sleep(maxDelayMs, signal);
      yield { message: failed.message, data: entryData(action.id, { status: "deleted", operation: null }) };
    }
  }

  /** Returns the name of the run, and starts one if there is none. */
  async function* findOrStart(adapter: ActionAdapter): AsyncGenerator<StepUpdate, string> {
    const current = entry();
    if (current.status === "requested" && current.operation !== null) return current.operation;
    const previousName = () => `${stepContext.data[`${action.id}:before`] ?? ""}`;
    const tag = correlationTag(run.id, step.name, action.id);
    const findNew = async () => {
      const [newest] = await adapter.list(await request(), tag);
      return newest !== undefined && newest !== previousName() ? newest : null;
    };
    if (current.status !== "requested") {
      const [newest = ""] = await adapter.list(await request(), tag);
      const data: LedgerData = {
        [`${action.id}:before`]: newest,
        [`${action.id}:seen`]: null,
        [`${action.id}:said`]: null,
      };
      yield silentUpdate({
        ...data,
        ...entryData(action.id, { status: "requested", attempt, operation: null, generation }),
      });
    } else {
      const existing = await findNew();
      if (existing !== null) return yield* storeName(existing);
    }
    for (let sendAttempt = 1; ; sendAttempt++)
      try {
        const startRequest = await request();
        const work = () => context.client.call(adapter.request(startRequest, tag));
        const response = await retryUntilPropagated(dependencies, work, signal, { onLostResponse: "throw" });
        return yield* storeName(adapter.nameIn(response, startRequest));
      } catch (error) {
        if (!mayHaveSucceeded(error) || sendAttempt > maxAttempts) throw error;
        await dependencies.sleep(initialDelayMs * sendAttempt, signal);
        const existing = await findNew();
        if (existing !== null) return yield* storeName(existing);
      }
  }

  async function* storeName(name: string): AsyncGenerator<StepUpdate, string> {
    yield silentUpdate(entryData(action.id, { operation: name }));
    return name;
  }

  /** Yields its messages and logs until it is done. Returns the error; null if it succeeded. */
  async function* follow(adapter: ActionAdapter, name: string): AsyncGenerator<StepUpdate, OperationalError | null> {
    const log = tailLogs(context, adapter.log(name), signal);
    const cursor = () => `${stepContext.data[`${action.id}:seen`] ?? ""}`;
    for (let delay = initialDelayMs; ; delay = Math.min(maxDelayMs, delay * 1.4)) {
      const resource = await context.call(adapter.get(name), signal);
      const { message: statusMessage, isDone, error, logUrl } = adapter.state(resource);
      const newLogs = await log.after(cursor());
      if (newLogs.lines.length > 0) yield { lines: newLogs.lines, data: { [`${action.id}:seen`]: newLogs.cursor } };
      const message = context.mask(statusMessage);
      const messageKey = `${action.id}:said`;
      if (message !== stepContext.data[messageKey] && message !== "")
        yield { message, data: { [messageKey]: message } };
      if (isDone) {
        if (error === undefined) return null;
        const logHint = logUrl ? ` Its log: ${logUrl}` : "";
        return new OperationalError(context.mask(error), `Look what it says, mend that, and try again.${logHint}`);
      }
      await dependencies.sleep(delay, signal);
    }
  }
}

/** Cancels the run, if it is not done yet. */
export async function cancelAction(context: RunContext, action: Action, operation: string | null, signal: AbortSignal) {
  const adapter = adapterFor(action, context, signal);
  if (!adapter || operation === null) return;
  const isDone = async () => {
    try {
      return adapter.state(await context.call(adapter.get(operation), signal)).isDone;
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return true;
      throw error;
    }
  };
  if (await isDone()) return;
  try {
    await context.call(adapter.cancel(operation), signal);
  } catch (error) {
    // It may have finished in the meantime.
    if (!(error instanceof GoogleApiError && [400, 404, 409].includes(error.status))) throw error;
  }
  for (let count = 0; count < 30 && !(await isDone()); count++)
    await context.dependencies.sleep(initialDelayMs, signal);
}
