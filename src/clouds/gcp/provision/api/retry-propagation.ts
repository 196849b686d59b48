import type { Dependencies } from "../../dependencies.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";
import { backoff, isTransient } from "./retry.ts";

const minute = 60_000;

/**
 * Errors that only mean that a change of ours has not propagated, or that another operation is still running, with how long
 * each is retried.
 */
const retryableErrors: { matches(error: GoogleApiError): boolean; maxMs: number }[] = [
  // An API was just enabled: https://cloud.google.com/service-usage/docs/enable-disable
  { matches: ({ reason }) => reason === "SERVICE_DISABLED" || reason === "accessNotConfigured", maxMs: 4 * minute },
  // A service account was just created: https://cloud.google.com/iam/docs/faq#access_revoke
  { matches: ({ message }) => /service account .*(does not exist|not found)/i.test(message), maxMs: 3 * minute },
  {
    matches: ({ message }) => /iam\.serviceaccounts\.actAs/i.test(message) && /may not exist/i.test(message),
    maxMs: 2 * minute,
  },
  // Cloud SQL runs one operation at a time: https://cloud.google.com/sql/docs/postgres/error-messages
  { matches: ({ reason, status }) => reason === "operationInProgress" && status === 409, maxMs: 40 * minute },
  {
    matches: ({ message }) =>
      /unable to queue the operation|another operation (was|is) already in progress/i.test(message),
    maxMs: 40 * minute,
  },
];

/** How long after its start the creation of a resource, or an action, may fail because permissions have not propagated. */
export const propagationWindowMs = 3 * minute;

/** Another service of Google's did not see our permissions yet. The resource failed; it is deleted and created again. */
export const resourcePropagationErrors =
  /Permission denied on secret|Service Agent .* must have permission to read the image|NOT_AUTHORIZED: Not authorized to access resource|does not have (storage|permission)/;

/** The same of a build or a job execution, which is run again. */
export const actionPropagationErrors =
  /Permission denied on secret|NOT_AUTHORIZED: Not authorized to access resource|permission_denied|uploadArtifacts/;

/** Cloud Storage responds with 404 to a request for a key of a service account that it does not know yet. */
export const isServiceAccountPending = (error: unknown): boolean =>
  error instanceof GoogleApiError && error.status === 404;

/** Whether another client changed a policy at the same time: https://cloud.google.com/iam/docs/retry-strategy */
export const isConflict = (error: unknown): boolean =>
  error instanceof GoogleApiError && (error.code === "ABORTED" || error.status === 412);

const maxTransientRetries = 10;

/**
 * Retries transient errors and those that pass once a change has propagated. `onLostResponse: "throw"`: does not repeat a
 * request whose response was lost.
 */
export async function retryUntilPropagated<T>(
  { now, sleep }: Pick<Dependencies, "now" | "sleep">,
  work: () => Promise<T>,
  signal: AbortSignal,
  { onLostResponse = "retry" }: { onLostResponse?: "retry" | "throw" } = {},
): Promise<T> {
  const startedAt = now().getTime();
  for (let attempt = 1, transientErrors = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (onLostResponse === "throw" && mayHaveSucceeded(error)) throw error;
      if (isTransient(error)) {
        if (++transientErrors >= maxTransientRetries) throw error;
        await sleep(backoff(transientErrors, error), signal);
        continue;
      }
      const retryable =
        error instanceof GoogleApiError ? retryableErrors.find(({ matches }) => matches(error)) : undefined;
      if (!retryable || now().getTime() - startedAt > retryable.maxMs) throw error;
      await sleep(Math.min(10_000, 1_000 * 1.5 ** (attempt - 1)), signal);
    }
  }
}

/** Whether the request may have been carried out despite the error. */
export const mayHaveSucceeded = (error: unknown): boolean =>
  error instanceof NetworkError || (error instanceof GoogleApiError && error.status >= 500);
