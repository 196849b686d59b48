import type { StepContext, StepUpdate } from "../../../walk.ts";
import { type HmacKey, outputKey, type Step } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getPath, getString } from "../api/json-path.ts";
import { mayHaveSucceeded } from "../api/retry-propagation.ts";
import { entryData, isRequested, readEntry, silentUpdate } from "../ledger-entry.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { ResolveScope, RunContext } from "../run-context.ts";
import { dataReader } from "./create-resource.ts";

/** Makes the one key there is to be, and puts its secret where it is kept. Until all that is done, it is made anew. */
export async function* createHmacKey(
  session: RunContext,
  hand: StepContext,
  step: Step,
  key: HmacKey,
  number: number,
): AsyncGenerator<StepUpdate> {
  const { signal } = hand;
  if (readEntry(hand.data, key.id).status === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  if (!isRequested(hand.data, key.id))
    yield silentUpdate(entryData(key.id, { status: "asked", attempt, operation: null, number }));
  const about: ResolveScope = { of: dataReader(hand, step), number };
  const made = await create();
  const secret = getString(made, "secret");
  session.addSecret(secret);
  const named = { ...((getPath(made, "metadata") as ApiResponse | null) ?? {}), secret };
  for (const request of key.keep) {
    const facts = session.resolver({ ...about, key: named }, signal);
    await session.call(await resolveRequest(request, facts), signal);
  }
  const told = Object.entries(key.tells).map(([field, path]) => [outputKey(key.id, field), getString(made, path)]);
  yield silentUpdate({ ...Object.fromEntries(told), ...entryData(key.id, { status: "made" }) });

  /** One whose answer was lost is of no use: its secret was in it. */
  async function create(): Promise<ApiResponse> {
    for (let tried = 1; ; tried++) {
      await deleteHmacKeys(session, about, key, signal);
      try {
        return await session.client.call(await resolveRequest(key.create, session.resolver(about, signal)));
      } catch (error) {
        const young = error instanceof GoogleApiError && error.status === 404;
        if (
          (!mayHaveSucceeded(error) && !young && !(error instanceof GoogleApiError && error.status === 429)) ||
          tried > 10
        )
          throw error;
        await session.world.sleep(1_000 * tried, signal);
      }
    }
  }
}

/** Takes every key away that the account has. */
export async function deleteHmacKeys(session: RunContext, about: ResolveScope, key: HmacKey, signal: AbortSignal) {
  const listed = await session.call(await resolveRequest(key.list, session.resolver(about, signal)), signal);
  const items = Array.isArray(listed.items) ? (listed.items as ApiResponse[]) : [];
  for (const item of items) {
    if (getString(item, "state") === "DELETED") continue;
    for (const request of key.remove)
      try {
        await session.call(await resolveRequest(request, session.resolver({ ...about, key: item }, signal)), signal);
      } catch (error) {
        if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
      }
  }
}
