import { type Data, Refusal } from "../../../cloud.ts";
import type { Hand, Said } from "../../../walk.ts";
import { type Step, type Thing, toldKey } from "../../stack.ts";
import type { Answer } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import { insist, isUnclear } from "../api/retry-propagation.ts";
import { lineOf, note, written } from "../ledger-entry.ts";
import { Failed, follow, operationIn } from "../long-running-operations.ts";
import { pick, ready } from "../resolve-values.ts";
import type { About, Session } from "../run-context.ts";
import { takeThing } from "./delete-resource.ts";
import { isOurs, standing } from "./resource-state.ts";

const blink = 2_000;
/** What is there is not seen everywhere at once: how often that is borne. */
const blinks = 15;
/** How often a request is sent whose answer is lost. */
const most = 10;
const patience = 90 * 60_000;

/** What comes of a creation that another service of Google's was too early for: it is taken away and made again. */
const early =
  /Permission denied on secret|Service Agent .* must have permission to read the image|NOT_AUTHORIZED: Not authorized to access resource|does not have (storage|permission)/;
const earliness = 3 * 60_000;

/** Makes a thing, or adopts what an earlier try has made of it. */
export async function* makeThing(
  session: Session,
  hand: Hand,
  step: Step,
  thing: Thing,
  number: number,
): AsyncGenerator<Said> {
  const { run, world } = session;
  const { signal } = hand;
  const line = () => lineOf(hand.data, thing.id);
  const about: About = { of: of(hand, step), number };
  const facts = session.facts(about, signal);
  const attempt = Number(hand.data.attempt ?? 1);
  if (line().is === "made") return;
  const since = world.now().getTime();

  // What a process that died asked for, or an earlier attempt that was kept, may be there, and may still be coming.
  if (line().is === "asked") {
    const found = yield* await_(false);
    if (found) return yield* tell(found);
  }
  if (line().is !== "asked") yield note(written(thing.id, { is: "asked", attempt, operation: null, number }));
  yield* tell(yield* create());

  async function* create(): AsyncGenerator<Said, Answer> {
    for (let sent = 1; ; sent++) {
      let known = true;
      try {
        const request = await ready(thing.create, facts);
        const answer = await insist(world, () => session.google.once(request), signal, { lost: "throw" });
        const operation = operationIn(thing.create.api, answer);
        if (operation !== null && answer.done !== true) yield note(written(thing.id, { operation }));
      } catch (error) {
        if (isTaken(error)) {
          const there = await findSoon();
          if (!there) throw new Burnt(error.message);
          if (!isOurs(there, thing.mark, run.id)) throw strangers(error);
        } else if (!isUnclear(error) || sent > most) throw error;
        else known = (await findSoon()) !== null;
      }
      const found = known ? yield* await_(true) : null;
      if (found) return found;
    }
  }

  /** Waits until it is whole, and gives it; null: it is not there, or was taken away to be made again. */
  async function* await_(known: boolean): AsyncGenerator<Said, Answer | null> {
    const { operation } = line();
    try {
      if (operation !== null) yield* follow(session, thing.create.api, operation, signal);
      for (let missed = 0; ; ) {
        const found = await find();
        if (!found) {
          if (!known || ++missed > blinks) return null;
        } else {
          if (!isOurs(found, thing.mark, run.id)) throw strangers(null);
          const now = standing(found);
          const told = Object.values(thing.tells ?? {}).every((path) => pick(found, path) !== null);
          if (now.is === "whole" && (told || ++missed > blinks)) return found;
          if (now.is === "failed") throw new Failed(refused(now.why));
          if (world.now().getTime() - since > patience)
            throw new Refusal("It has been coming for an hour.", "Try again.");
        }
        await world.pause(blink * 2, signal);
      }
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      const anew = attempt > line().attempt;
      const tooEarly = early.test(error.message) && world.now().getTime() - since < earliness;
      if (!anew && !tooEarly) throw error.why;
      yield* takeThing(session, about, thing, line(), signal);
      if (tooEarly) await world.pause(blink * 4, signal);
      yield note(written(thing.id, { is: "asked", attempt, operation: null, number }));
      return null;
    }
  }

  async function find(): Promise<Answer | null> {
    try {
      return await session.ask(await ready(thing.find, facts), signal);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  async function findSoon(): Promise<Answer | null> {
    for (let missed = 0; missed < 4; missed++) {
      const found = await find();
      if (found) return found;
      await world.pause(blink, signal);
    }
    return find();
  }

  async function* tell(found: Answer): AsyncGenerator<Said> {
    const told: Data = {};
    for (const [field, path] of Object.entries(thing.tells ?? {})) {
      const value = pick(found, path);
      if (typeof value === "object") throw new Error(`${step.name}/${thing.id} does not tell ${field} at ${path}`);
      told[toldKey(thing.id, field)] = value as Data[string];
    }
    yield note({ ...told, ...written(thing.id, { is: "made", operation: null }) });
  }

  function strangers(error: Refused | null) {
    return new Refusal(
      `${error ? `Google says: ${error.message} ` : ""}There is something called so in ${session.project} already, and it is not of this deployment.`,
      "Rename or delete it, or choose another project, then try again.",
    );
  }
}

const refused = (message: string) =>
  new Refused(message, { status: 0, code: "FAILED_PRECONDITION", reason: "", about: {}, after: null });

/** Its name is not free, and nothing has it: Google keeps it for a while. Another number makes another name. */
export class Burnt extends Error {
  override name = "Burnt";
}

/** Cloud SQL says of a database that it exists with 400. */
const isTaken = (error: unknown): error is Refused =>
  error instanceof Refused &&
  (error.code === "ALREADY_EXISTS" ||
    /^(alreadyExists|instanceAlreadyExists)$/.test(error.reason) ||
    (error.status === 409 && error.code === "conflict") ||
    /already exists/i.test(error.message));

/** What other steps have told, and what this one has so far. */
export const of = (hand: Hand, step: Step) => (name: string) => (name === step.name ? hand.data : hand.of(name));
