import type { Dependencies } from "../../dependencies.ts";

const retryableErrors = new Set([
  // AWS could not reach our public keys: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
  "IDPCommunicationErrorException",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "SlowDown",
  "RequestThrottled",
]);
const expiredErrors = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const maxAttempts = 10;
const maxRenewals = 3;

/** Whether AWS responded with this error. */
export const isServiceException = (error: unknown): error is Error & { $metadata: { httpStatusCode?: number } } =>
  error instanceof Error && "$metadata" in error && "$fault" in error;

export const hasErrorName = (error: unknown, ...names: string[]): error is Error =>
  isServiceException(error) && names.includes(error.name);

/** Whether the SDK could not parse an error response of a server, so that it says nothing about the request. */
const isUnreadableServerError = (error: Error): boolean =>
  "$metadata" in error && ((error.$metadata as { httpStatusCode?: number }).httpStatusCode ?? 0) >= 500;

/** Whether the request or its response was lost. */
export const isNetworkError = (error: unknown): boolean =>
  error instanceof Error &&
  !isServiceException(error) &&
  (isUnreadableServerError(error) ||
    /^(TimeoutError|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)/.test(
      `${"code" in error ? error.code : ""}` || error.name,
    ) ||
    error.message === "socket hang up");

const isRetryable = (error: unknown) =>
  isNetworkError(error) ||
  (isServiceException(error) && (retryableErrors.has(error.name) || (error.$metadata.httpStatusCode ?? 0) >= 500));

/**
 * Retries with exponential backoff while the error is retryable, and with a new session once the old one has expired.
 */
export async function withRetry<T>(
  { sleep }: Pick<Dependencies, "sleep">,
  work: () => Promise<T>,
  { renew, signal }: { renew: () => void; signal?: AbortSignal },
): Promise<T> {
  let renewed = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (isServiceException(error) && expiredErrors.has(error.name) && renewed < maxRenewals) {
        renewed++;
        renew();
      } else if (isRetryable(error) && attempt < maxAttempts)
        await sleep(Math.min(20_000, 500 * 2 ** (attempt - 1)), signal);
      else throw error;
    }
  }
}
