import type { Dependencies } from "../../dependencies.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";
import { backoff, isTransient } from "./retry.ts";

const minute = 60_000;

/**
 * What Google refuses only because it does not know yet what we have just done, or because it is still busy with it,
 * and for how long that is borne, in milliseconds.
 */
const passing: { is(error: GoogleApiError): boolean; most: number }[] = [
  // An API that was just switched on: https://cloud.google.com/service-usage/docs/enable-disable
  { is: ({ reason }) => reason === "SERVICE_DISABLED" || reason === "accessNotConfigured", most: 4 * minute },
  // A service account that was just made: https://cloud.google.com/iam/docs/faq#access_revoke
  { is: ({ message }) => /service account .*(does not exist|not found)/i.test(message), most: 3 * minute },
  {
    is: ({ message }) => /iam\.serviceaccounts\.actAs/i.test(message) && /may not exist/i.test(message),
    most: 2 * minute,
  },
  // One thing at a time: https://cloud.google.com/sql/docs/postgres/error-messages
  { is: ({ reason, status }) => reason === "operationInProgress" && status === 409, most: 40 * minute },
  {
    is: ({ message }) => /unable to queue the operation|another operation (was|is) already in progress/i.test(message),
    most: 40 * minute,
  },
];

/** What is changed by somebody else at the same time: https://cloud.google.com/iam/docs/retry-strategy */
export const isConflict = (error: unknown): boolean =>
  error instanceof GoogleApiError && (error.code === "ABORTED" || error.status === 412);

const tries = 10;

/**
 * Tries again as long as there is hope. `lost: "throw"`: a request whose answer was lost is not sent again.
 */
export async function retryUntilPropagated<T>(
  { now, sleep: pause }: Pick<Dependencies, "now" | "sleep">,
  work: () => Promise<T>,
  signal: AbortSignal,
  { lost = "again" }: { lost?: "again" | "throw" } = {},
): Promise<T> {
  const since = now().getTime();
  for (let tried = 1, passed = 0; ; tried++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (lost === "throw" && mayHaveSucceeded(error)) throw error;
      if (isTransient(error)) {
        if (++passed >= tries) throw error;
        await pause(backoff(passed, error), signal);
        continue;
      }
      const known = error instanceof GoogleApiError ? passing.find(({ is }) => is(error)) : undefined;
      if (!known || now().getTime() - since > known.most) throw error;
      await pause(Math.min(10_000, 1_000 * 1.5 ** (tried - 1)), signal);
    }
  }
}

/** It may have been done nevertheless. */
export const mayHaveSucceeded = (error: unknown): boolean =>
  error instanceof NetworkError || (error instanceof GoogleApiError && error.status >= 500);
