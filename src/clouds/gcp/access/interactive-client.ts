import { Refusal } from "../../cloud.ts";
import type { World } from "../dependencies.ts";
import { expired } from "../provision/api/auth-errors.ts";
import { type Answer, client, type Lent, type Ready } from "../provision/api/client.ts";
import { refusalOf } from "../provision/api/error-advice.ts";
import { Lost, Refused } from "../provision/api/errors.ts";

/** One question, as whoever lent the token. What Google answers; throws a `Refusal` when it says no. */
export type Ask = (request: Ready) => Promise<Answer>;

/** Somebody waits for the page: twice at most, and not for long. */
export function askAs(world: World, lent: Lent): Ask {
  const google = client(world, lent);
  return async (request) => {
    try {
      return await google.once(request).catch(async (error) => {
        if (!(error instanceof Lost) && !(error instanceof Refused && error.status >= 500)) throw error;
        await world.pause(500);
        return google.once(request);
      });
    } catch (error) {
      const refusal = refusalOf(error, (text) => text);
      // Nothing has begun yet that could go on.
      if (refusal instanceof Refusal && refusal.lapsed)
        throw new Refusal(expired, "Connect Google Cloud again.", { lapsed: true });
      throw refusal;
    }
  };
}
