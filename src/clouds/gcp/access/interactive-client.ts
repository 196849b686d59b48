import { OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { expiredMessage } from "../provision/api/auth-errors.ts";
import { type ApiResponse, type Credentials, client, type ResolvedRequest } from "../provision/api/client.ts";
import { toOperationalError } from "../provision/api/error-advice.ts";
import { GoogleApiError, NetworkError } from "../provision/api/errors.ts";

/** One question, as whoever lent the token. What Google answers; throws a `Refusal` when it says no. */
export type ApiCall = (request: ResolvedRequest) => Promise<ApiResponse>;

/** Somebody waits for the page: twice at most, and not for long. */
export function interactiveCall(world: Dependencies, lent: Credentials): ApiCall {
  const google = client(world, lent);
  return async (request) => {
    try {
      return await google.call(request).catch(async (error) => {
        if (!(error instanceof NetworkError) && !(error instanceof GoogleApiError && error.status >= 500)) throw error;
        await world.sleep(500);
        return google.call(request);
      });
    } catch (error) {
      const refusal = toOperationalError(error, (text) => text);
      // Nothing has begun yet that could go on.
      if (refusal instanceof OperationalError && refusal.lapsed)
        throw new OperationalError(expiredMessage, "Connect Google Cloud again.", { lapsed: true });
      throw refusal;
    }
  };
}
