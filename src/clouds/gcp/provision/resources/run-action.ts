import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Action, Step } from "../../stack.ts";
import { GoogleApiError } from "../api/errors.ts";
import { mayHaveSucceeded, retryUntilPropagated } from "../api/retry-propagation.ts";
import { tailLogs } from "../cloud-logging.ts";
import { entryData, isRequested, readEntry, silentUpdate } from "../ledger-entry.ts";
import { OperationFailed, operationName, waitForOperation } from "../long-running-operations.ts";
import { resolveRequest } from "../resolve-values.ts";
import type { ResolveScope, RunContext } from "../run-context.ts";
import { type ActionAdapter, adapterFor, correlationTag } from "./action-adapters.ts";
import { dataReader } from "./create-resource.ts";

const first = 2_000;
const slowest = 8_000;
const most = 10;

const early =
  /Permission denied on secret|NOT_AUTHORIZED: Not authorized to access resource|permission_denied|uploadArtifacts/;
const earliness = 3 * 60_000;

/** Does something and waits for its end; what an earlier try has begun is not begun again. */
export async function* runAction(
  session: RunContext,
  hand: StepContext,
  step: Step,
  act: Action,
  number: number,
): AsyncGenerator<StepUpdate> {
  const { run, world } = session;
  const { signal } = hand;
  const line = () => readEntry(hand.data, act.id);
  if (line().status === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  const about: ResolveScope = { of: dataReader(hand, step), number };
  const request = async () => resolveRequest(act.start, session.resolver(about, signal));
  const since = world.now().getTime();
  const doing = adapterFor(act, session, signal);
  if (doing) yield* untilDone(doing);
  else yield* simply();
  yield silentUpdate(entryData(act.id, { status: "made", operation: null }));

  async function* simply(): AsyncGenerator<StepUpdate> {
    if (!isRequested(hand.data, act.id))
      yield silentUpdate(entryData(act.id, { status: "asked", attempt, operation: null, number }));
    const answer = await session.call(await request(), signal);
    const operation = operationName(act.start.api, answer);
    if (operation === null || answer.done === true) return;
    try {
      yield* waitForOperation(session, act.start.api, operation, signal);
    } catch (error) {
      throw error instanceof OperationFailed ? error.why : error;
    }
  }

  async function* untilDone(doing: ActionAdapter): AsyncGenerator<StepUpdate> {
    for (;;) {
      const name = yield* begun(doing);
      const failed = yield* watch(doing, name);
      if (failed === null) return;
      const old = attempt > line().attempt;
      if (!old && !(early.test(failed.message) && world.now().getTime() - since < earliness)) throw failed;
      if (!old) await world.sleep(slowest, signal);
      yield { message: failed.message, data: entryData(act.id, { status: "gone", operation: null }) };
    }
  }

  /** The name of what is under way; begins it where it is not. */
  async function* begun(doing: ActionAdapter): AsyncGenerator<StepUpdate, string> {
    const known = line();
    if (known.status === "asked" && known.operation !== null) return known.operation;
    const before = () => `${hand.data[`${act.id}:before`] ?? ""}`;
    const tag = correlationTag(run.id, step.name, act.id);
    const fresh = async () => {
      const [newest] = await doing.list(await request(), tag);
      return newest !== undefined && newest !== before() ? newest : null;
    };
    if (known.status !== "asked") {
      const [newest = ""] = await doing.list(await request(), tag);
      const data: LedgerData = { [`${act.id}:before`]: newest, [`${act.id}:seen`]: null, [`${act.id}:said`]: null };
      yield silentUpdate({ ...data, ...entryData(act.id, { status: "asked", attempt, operation: null, number }) });
    } else {
      const there = await fresh();
      if (there !== null) return yield* noted(there);
    }
    for (let sent = 1; ; sent++)
      try {
        const asked = await request();
        const work = () => session.client.call(doing.request(asked, tag));
        const answer = await retryUntilPropagated(world, work, signal, { lost: "throw" });
        return yield* noted(doing.nameIn(answer, asked));
      } catch (error) {
        if (!mayHaveSucceeded(error) || sent > most) throw error;
        await world.sleep(first * sent, signal);
        const there = await fresh();
        if (there !== null) return yield* noted(there);
      }
  }

  async function* noted(name: string): AsyncGenerator<StepUpdate, string> {
    yield silentUpdate(entryData(act.id, { operation: name }));
    return name;
  }

  /** Says what it says until it ends; null when it ended well. */
  async function* watch(doing: ActionAdapter, name: string): AsyncGenerator<StepUpdate, OperationalError | null> {
    const log = tailLogs(session, doing.log(name), signal);
    const seen = () => `${hand.data[`${act.id}:seen`] ?? ""}`;
    for (let wait = first; ; wait = Math.min(slowest, wait * 1.4)) {
      const found = await session.call(doing.get(name), signal);
      const { words, over, why, at } = doing.state(found);
      const news = await log.after(seen());
      if (news.lines.length > 0) yield { lines: news.lines, data: { [`${act.id}:seen`]: news.last } };
      const now = session.mask(words);
      const said = `${act.id}:said`;
      if (now !== hand.data[said] && now !== "") yield { message: now, data: { [said]: now } };
      if (over) {
        if (why === undefined) return null;
        const where = at ? ` Its log: ${at}` : "";
        return new OperationalError(session.mask(why), `Look what it says, mend that, and try again.${where}`);
      }
      await world.sleep(wait, signal);
    }
  }
}

/** Breaks off what is still going on. */
export async function cancelAction(session: RunContext, act: Action, operation: string | null, signal: AbortSignal) {
  const doing = adapterFor(act, session, signal);
  if (!doing || operation === null) return;
  const isOver = async () => {
    try {
      return doing.state(await session.call(doing.get(operation), signal)).over;
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return true;
      throw error;
    }
  };
  if (await isOver()) return;
  try {
    await session.call(doing.cancel(operation), signal);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof GoogleApiError && [400, 404, 409].includes(error.status))) throw error;
  }
  for (let count = 0; count < 30 && !(await isOver()); count++) await session.world.sleep(first, signal);
}
