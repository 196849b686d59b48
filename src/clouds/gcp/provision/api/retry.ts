import type { Dependencies } from "../../dependencies.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";

const maxAttempts = 10;
const maxDelayMs = 20_000;

/** Most quotas are per minute; these reasons name limits that waiting does not help with. */
const quotaReasons = /quotaExceeded|exceededNumberOfInstances|QUOTA_EXCEEDED|CPU_QUOTA/;

export const isThrottled = (error: unknown): boolean =>
  error instanceof GoogleApiError &&
  (error.status === 429 || /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED)$/.test(error.reason)) &&
  !quotaReasons.test(error.reason) &&
  !/max(imum)? (number|instance)|has been exceeded|limit per project/i.test(error.message);

/** Whether an error may go away on its own. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NetworkError || isThrottled(error) || (error instanceof GoogleApiError && error.status >= 500);

/** Returns the delay before the next attempt, in milliseconds. */
export const backoff = (attempt: number, error: unknown): number =>
  error instanceof GoogleApiError && error.retryAfterMs !== null
    ? Math.min(error.retryAfterMs, 5 * 60_000)
    : Math.min(maxDelayMs, 500 * 2 ** (attempt - 1));

/** Retries transient errors with exponential backoff. */
export async function withRetry<T>(
  { sleep }: Pick<Dependencies, "sleep">,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || attempt >= maxAttempts) throw error;
      await sleep(backoff(attempt, error), signal);
    }
  }
}
