import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import { type ManagedResource, outputKey, type Step } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getPath } from "../api/json-path.ts";
import { mayHaveSucceeded, retryUntilPropagated } from "../api/retry-propagation.ts";
import { entryData, readEntry, silentUpdate } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { ResolveScope, RunContext } from "../run-context.ts";
import { deleteResource } from "./delete-resource.ts";
import { isOwned, resourceState } from "./resource-state.ts";

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
export async function* createResource(
  session: RunContext,
  hand: StepContext,
  step: Step,
  thing: ManagedResource,
  number: number,
): AsyncGenerator<StepUpdate> {
  const { run, world } = session;
  const { signal } = hand;
  const line = () => readEntry(hand.data, thing.id);
  const about: ResolveScope = { of: dataReader(hand, step), number };
  const facts = session.resolver(about, signal);
  const attempt = Number(hand.data.attempt ?? 1);
  if (line().status === "made") return;
  const since = world.now().getTime();

  // What a process that died asked for, or an earlier attempt that was kept, may be there, and may still be coming.
  if (line().status === "asked") {
    const found = yield* await_(false);
    if (found) return yield* tell(found);
  }
  if (line().status !== "asked")
    yield silentUpdate(entryData(thing.id, { status: "asked", attempt, operation: null, number }));
  yield* tell(yield* create());

  async function* create(): AsyncGenerator<StepUpdate, ApiResponse> {
    for (let sent = 1; ; sent++) {
      let known = true;
      try {
        const request = await resolveRequest(thing.create, facts);
        const answer = await retryUntilPropagated(world, () => session.client.call(request), signal, { lost: "throw" });
        const operation = operationName(thing.create.api, answer);
        if (operation !== null && answer.done !== true) yield silentUpdate(entryData(thing.id, { operation }));
      } catch (error) {
        if (isTaken(error)) {
          const there = await findSoon();
          if (!there) throw new NameReserved(error.message);
          if (!isOwned(there, thing.mark, run.id)) throw strangers(error);
        } else if (!mayHaveSucceeded(error) || sent > most) throw error;
        else known = (await findSoon()) !== null;
      }
      const found = known ? yield* await_(true) : null;
      if (found) return found;
    }
  }

  /** Waits until it is whole, and gives it; null: it is not there, or was taken away to be made again. */
  async function* await_(known: boolean): AsyncGenerator<StepUpdate, ApiResponse | null> {
    const { operation } = line();
    try {
      if (operation !== null) yield* waitForOperation(session, thing.create.api, operation, signal);
      for (let missed = 0; ; ) {
        const found = await find();
        if (!found) {
          if (!known || ++missed > blinks) return null;
        } else {
          if (!isOwned(found, thing.mark, run.id)) throw strangers(null);
          const now = resourceState(found);
          const told = Object.values(thing.tells ?? {}).every((path) => getPath(found, path) !== null);
          if (now.is === "whole" && (told || ++missed > blinks)) return found;
          if (now.is === "failed") throw new OperationFailed(refused(now.why));
          if (world.now().getTime() - since > patience)
            throw new OperationalError("It has been coming for an hour.", "Try again.");
        }
        await world.sleep(blink * 2, signal);
      }
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      const anew = attempt > line().attempt;
      const tooEarly = early.test(error.message) && world.now().getTime() - since < earliness;
      if (!anew && !tooEarly) throw error.why;
      yield* deleteResource(session, about, thing, line(), signal);
      if (tooEarly) await world.sleep(blink * 4, signal);
      yield silentUpdate(entryData(thing.id, { status: "asked", attempt, operation: null, number }));
      return null;
    }
  }

  async function find(): Promise<ApiResponse | null> {
    try {
      return await session.call(await resolveRequest(thing.find, facts), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return null;
      throw error;
    }
  }

  async function findSoon(): Promise<ApiResponse | null> {
    for (let missed = 0; missed < 4; missed++) {
      const found = await find();
      if (found) return found;
      await world.sleep(blink, signal);
    }
    return find();
  }

  async function* tell(found: ApiResponse): AsyncGenerator<StepUpdate> {
    const told: LedgerData = {};
    for (const [field, path] of Object.entries(thing.tells ?? {})) {
      const value = getPath(found, path);
      if (typeof value === "object") throw new Error(`${step.name}/${thing.id} does not tell ${field} at ${path}`);
      told[outputKey(thing.id, field)] = value as LedgerData[string];
    }
    yield silentUpdate({ ...told, ...entryData(thing.id, { status: "made", operation: null }) });
  }

  function strangers(error: GoogleApiError | null) {
    return new OperationalError(
      `${error ? `Google says: ${error.message} ` : ""}There is something called so in ${session.project} already, and it is not of this deployment.`,
      "Rename or delete it, or choose another project, then try again.",
    );
  }
}

const refused = (message: string) =>
  new GoogleApiError(message, { status: 0, code: "FAILED_PRECONDITION", reason: "", about: {}, after: null });

/** Its name is not free, and nothing has it: Google keeps it for a while. Another number makes another name. */
export class NameReserved extends Error {
  override name = "Burnt";
}

/** Cloud SQL says of a database that it exists with 400. */
const isTaken = (error: unknown): error is GoogleApiError =>
  error instanceof GoogleApiError &&
  (error.code === "ALREADY_EXISTS" ||
    /^(alreadyExists|instanceAlreadyExists)$/.test(error.reason) ||
    (error.status === 409 && error.code === "conflict") ||
    /already exists/i.test(error.message));

/** What other steps have told, and what this one has so far. */
export const dataReader = (hand: StepContext, step: Step) => (name: string) =>
  name === step.name ? hand.data : hand.dataOf(name);
