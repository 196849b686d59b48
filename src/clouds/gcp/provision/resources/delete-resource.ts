import { Refusal } from "../../../cloud.ts";
import type { Said } from "../../../walk.ts";
import type { Request, Thing } from "../../stack.ts";
import { Refused } from "../api/errors.ts";
import type { Line } from "../ledger-entry.ts";
import { Failed, follow, operationIn } from "../long-running-operations.ts";
import { ready } from "../resolve-values.ts";
import type { About, Session } from "../run-context.ts";
import { empty } from "./empty-bucket.ts";
import { isOurs, standing } from "./resource-state.ts";

/** How long a request may be under way that a process left behind when it died. */
const lag = 10_000;
const every = 3_000;
const patience = 60 * 60_000;

/** Takes a thing away, however far it has come, and waits until it is gone. What is not ours is left alone. */
export async function* takeThing(
  session: Session,
  about: About,
  thing: Thing,
  line: Line,
  signal: AbortSignal,
): AsyncGenerator<Said> {
  const { run, world } = session;
  const { remove } = thing;
  if (remove === null) return;
  const facts = session.facts(about, signal);
  const since = world.now().getTime();

  // Nothing can be taken away while it is being made.
  if (line.operation !== null)
    try {
      yield* follow(session, thing.create.api, line.operation, signal);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
    }
  let found = await find();
  if (!found && line.is === "asked" && line.operation === null) {
    await world.pause(lag, signal);
    found = await find();
  }
  if (!found || !isOurs(found, thing.mark, run.id)) return;
  while (found && standing(found).is === "coming") {
    await world.pause(every, signal);
    if (world.now().getTime() - since > patience) break;
    found = await find();
  }
  if (found && standing(found).is !== "going") {
    if (thing.loosen) yield* carryOut(thing.loosen);
    if (remove.api === "storage" && remove.method === "buckets.delete")
      yield* empty(session, (await ready(remove, facts)).params, signal);
    yield* carryOut(remove);
  }
  while (await find()) {
    if (world.now().getTime() - since > patience)
      throw new Refusal(`It is still there an hour after Google was asked to delete it.`, "Try again.");
    await world.pause(every, signal);
  }

  async function* carryOut(request: Request): AsyncGenerator<Said> {
    try {
      const answer = await session.ask(await ready(request, facts), signal);
      const operation = operationIn(request.api, answer);
      if (operation !== null) yield* follow(session, request.api, operation, signal);
    } catch (error) {
      if (error instanceof Failed) throw error.why;
      // It is gone, or going already.
      if (!(error instanceof Refused && (error.status === 404 || error.code === "ABORTED"))) throw error;
    }
  }

  async function find() {
    try {
      return await session.ask(await ready(thing.find, facts), signal);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }
}
