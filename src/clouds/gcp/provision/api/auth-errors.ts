import type { GoogleApiError } from "./errors.ts";

/** Tokens expire after an hour, or earlier if the user revokes them. */
export const isUnauthenticated = ({ status, code }: Pick<GoogleApiError, "status" | "code">): boolean =>
  status === 401 || code === "UNAUTHENTICATED" || code === "invalid_grant";

export const expiredMessage = "The access that was lent to us is over.";
export const reconnectAdvice =
  "Everything created so far is kept. Connect to the same project again to continue, or remove it.";
