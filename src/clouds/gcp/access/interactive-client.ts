import { OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { expiredMessage } from "../provision/api/auth-errors.ts";
import { type ApiResponse, type Credentials, client, type ResolvedRequest } from "../provision/api/client.ts";
import { toOperationalError } from "../provision/api/error-advice.ts";
import { GoogleApiError, NetworkError } from "../provision/api/errors.ts";

/** Calls an API with the visitor's token. Throws an OperationalError, with Google's error as its cause. */
export type ApiCall = (request: ResolvedRequest) => Promise<ApiResponse>;

/** Creates a client for requests that a page waits for: at most one retry, after a short wait. */
export function interactiveCall(dependencies: Dependencies, credentials: Credentials): ApiCall {
  const api = client(dependencies, credentials);
  return async (request) => {
    try {
      return await api.call(request).catch(async (error) => {
        if (!(error instanceof NetworkError) && !(error instanceof GoogleApiError && error.status >= 500)) throw error;
        await dependencies.sleep(500);
        return api.call(request);
      });
    } catch (error) {
      const converted = toOperationalError(error, (text) => text);
      // No deployment has started yet, so the usual advice to continue it would be wrong.
      if (converted instanceof OperationalError && converted.lapsed)
        throw new OperationalError(expiredMessage, "Connect Google Cloud again.", { lapsed: true });
      throw converted instanceof OperationalError
        ? new OperationalError(converted.message, converted.next, { cause: error })
        : converted;
    }
  };
}
