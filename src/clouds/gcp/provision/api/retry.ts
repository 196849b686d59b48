import type { Dependencies } from "../../dependencies.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";

const tries = 10;
const longest = 20_000;

/** A minute is what most quotas are counted by; a limit of another kind says so with these words. */
const lasting = /quotaExceeded|exceededNumberOfInstances|QUOTA_EXCEEDED|CPU_QUOTA/;

export const isThrottled = (error: unknown): boolean =>
  error instanceof GoogleApiError &&
  (error.status === 429 || /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED)$/.test(error.reason)) &&
  !lasting.test(error.reason) &&
  !/max(imum)? (number|instance)|has been exceeded|limit per project/i.test(error.message);

/** An error that goes away by itself. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NetworkError || isThrottled(error) || (error instanceof GoogleApiError && error.status >= 500);

/** How long to wait before the next try, in milliseconds. */
export const backoff = (tried: number, error: unknown): number =>
  error instanceof GoogleApiError && error.retryAfterMs !== null
    ? Math.min(error.retryAfterMs, 5 * 60_000)
    : Math.min(longest, 500 * 2 ** (tried - 1));

/** Tries again, more and more slowly, as long as what goes wrong is something that passes. */
export async function withRetry<T>(
  { sleep: pause }: Pick<Dependencies, "sleep">,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || tried >= tries) throw error;
      await pause(backoff(tried, error), signal);
    }
  }
}
