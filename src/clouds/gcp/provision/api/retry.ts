import type { World } from "../../dependencies.ts";
import { Lost, Refused } from "./errors.ts";

const tries = 10;
const longest = 20_000;

/** A minute is what most quotas are counted by; a limit of another kind says so with these words. */
const lasting = /quotaExceeded|exceededNumberOfInstances|QUOTA_EXCEEDED|CPU_QUOTA/;

export const isThrottled = (error: unknown): boolean =>
  error instanceof Refused &&
  (error.status === 429 || /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED)$/.test(error.reason)) &&
  !lasting.test(error.reason) &&
  !/max(imum)? (number|instance)|has been exceeded|limit per project/i.test(error.message);

/** An error that goes away by itself. */
export const passes = (error: unknown): boolean =>
  error instanceof Lost || isThrottled(error) || (error instanceof Refused && error.status >= 500);

/** How long to wait before the next try, in milliseconds. */
export const delay = (tried: number, error: unknown): number =>
  error instanceof Refused && error.after !== null
    ? Math.min(error.after, 5 * 60_000)
    : Math.min(longest, 500 * 2 ** (tried - 1));

/** Tries again, more and more slowly, as long as what goes wrong is something that passes. */
export async function patient<T>(
  { pause }: Pick<World, "pause">,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || tried >= tries) throw error;
      await pause(delay(tried, error), signal);
    }
  }
}
