import { Refusal } from "../cloud.ts";
import { type Answer, client, type Lent, type Ready } from "./client.ts";
import { Lost, Refused } from "./refused.ts";
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
      throw refusalOf(error);
    }
  };
}

/** What Google said, as a refusal with what to do about it; what nobody said no to stays what it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof Lost) return new Refusal("Google did not answer.", "Try again in a minute.", { cause: error });
  if (!(error instanceof Refused)) return error;
  const { message, status, reason, about } = error;
  if (status === 401)
    return new Refusal("What you lent has run out, or was taken back.", "Connect Google Cloud again.", {
      cause: error,
      lapsed: true,
    });
  return new Refusal(message, nextOf(status, reason, about), { cause: error });
}

function nextOf(status: number, reason: string, about: Record<string, string>): string {
  if (reason === "SERVICE_DISABLED" || reason === "accessNotConfigured")
    return about.activationUrl
      ? `Whoever owns that project enables it at ${about.activationUrl}.`
      : "Whoever owns that project enables it; see docs/clouds/gcp.md.";
  if (reason === "BILLING_DISABLED") return "Link a billing account at https://console.cloud.google.com/billing.";
  if (status === 403) return "Ask whoever manages the project for this permission, or choose another project.";
  if (status === 404) return "Look whether the project is the right one.";
  if (status === 429) return "Try again in a minute.";
  return "Read what Google says, change it there, and try again.";
}
