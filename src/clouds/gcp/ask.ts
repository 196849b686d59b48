import { Refusal } from "../cloud.ts";
import { type Answer, client, type Lent, type Ready } from "./client.ts";
import { expired } from "./lent.ts";
import { Lost, Refused } from "./refused.ts";
import { refusalOf } from "./trouble.ts";
import type { World } from "./world.ts";

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
