import { type Data, Refusal } from "../../../cloud.ts";
import type { Hand, Said } from "../../../walk.ts";
import type { Act, Step } from "../../stack.ts";
import { Refused } from "../api/errors.ts";
import { insist, isUnclear } from "../api/retry-propagation.ts";
import { logOf } from "../cloud-logging.ts";
import { isAsked, lineOf, note, written } from "../ledger-entry.ts";
import { Failed, follow, operationIn } from "../long-running-operations.ts";
import { ready } from "../resolve-values.ts";
import type { About, Session } from "../run-context.ts";
import { type Doing, doingOf, tagOf } from "./action-adapters.ts";
import { of } from "./create-resource.ts";

const first = 2_000;
const slowest = 8_000;
const most = 10;

const early =
  /Permission denied on secret|NOT_AUTHORIZED: Not authorized to access resource|permission_denied|uploadArtifacts/;
const earliness = 3 * 60_000;

/** Does something and waits for its end; what an earlier try has begun is not begun again. */
export async function* makeAct(
  session: Session,
  hand: Hand,
  step: Step,
  act: Act,
  number: number,
): AsyncGenerator<Said> {
  const { run, world } = session;
  const { signal } = hand;
  const line = () => lineOf(hand.data, act.id);
  if (line().is === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  const about: About = { of: of(hand, step), number };
  const request = async () => ready(act.start, session.facts(about, signal));
  const since = world.now().getTime();
  const doing = doingOf(act, session, signal);
  if (doing) yield* untilDone(doing);
  else yield* simply();
  yield note(written(act.id, { is: "made", operation: null }));

  async function* simply(): AsyncGenerator<Said> {
    if (!isAsked(hand.data, act.id)) yield note(written(act.id, { is: "asked", attempt, operation: null, number }));
    const answer = await session.ask(await request(), signal);
    const operation = operationIn(act.start.api, answer);
    if (operation === null || answer.done === true) return;
    try {
      yield* follow(session, act.start.api, operation, signal);
    } catch (error) {
      throw error instanceof Failed ? error.why : error;
    }
  }

  async function* untilDone(doing: Doing): AsyncGenerator<Said> {
    for (;;) {
      const name = yield* begun(doing);
      const failed = yield* watch(doing, name);
      if (failed === null) return;
      const old = attempt > line().attempt;
      if (!old && !(early.test(failed.message) && world.now().getTime() - since < earliness)) throw failed;
      if (!old) await world.pause(slowest, signal);
      yield { message: failed.message, data: written(act.id, { is: "gone", operation: null }) };
    }
  }

  /** The name of what is under way; begins it where it is not. */
  async function* begun(doing: Doing): AsyncGenerator<Said, string> {
    const known = line();
    if (known.is === "asked" && known.operation !== null) return known.operation;
    const before = () => `${hand.data[`${act.id}:before`] ?? ""}`;
    const tag = tagOf(run.id, step.name, act.id);
    const fresh = async () => {
      const [newest] = await doing.list(await request(), tag);
      return newest !== undefined && newest !== before() ? newest : null;
    };
    if (known.is !== "asked") {
      const [newest = ""] = await doing.list(await request(), tag);
      const data: Data = { [`${act.id}:before`]: newest, [`${act.id}:seen`]: null, [`${act.id}:said`]: null };
      yield note({ ...data, ...written(act.id, { is: "asked", attempt, operation: null, number }) });
    } else {
      const there = await fresh();
      if (there !== null) return yield* noted(there);
    }
    for (let sent = 1; ; sent++)
      try {
        const asked = await request();
        const work = () => session.google.once(doing.request(asked, tag));
        const answer = await insist(world, work, signal, { lost: "throw" });
        return yield* noted(doing.nameIn(answer, asked));
      } catch (error) {
        if (!isUnclear(error) || sent > most) throw error;
        await world.pause(first * sent, signal);
        const there = await fresh();
        if (there !== null) return yield* noted(there);
      }
  }

  async function* noted(name: string): AsyncGenerator<Said, string> {
    yield note(written(act.id, { operation: name }));
    return name;
  }

  /** Says what it says until it ends; null when it ended well. */
  async function* watch(doing: Doing, name: string): AsyncGenerator<Said, Refusal | null> {
    const log = logOf(session, doing.log(name), signal);
    const seen = () => `${hand.data[`${act.id}:seen`] ?? ""}`;
    for (let wait = first; ; wait = Math.min(slowest, wait * 1.4)) {
      const found = await session.ask(doing.look(name), signal);
      const { words, over, why, at } = doing.state(found);
      const news = await log.after(seen());
      if (news.lines.length > 0) yield { lines: news.lines, data: { [`${act.id}:seen`]: news.last } };
      const now = session.hide(words);
      const said = `${act.id}:said`;
      if (now !== hand.data[said] && now !== "") yield { message: now, data: { [said]: now } };
      if (over) {
        if (why === undefined) return null;
        const where = at ? ` Its log: ${at}` : "";
        return new Refusal(session.hide(why), `Look what it says, mend that, and try again.${where}`);
      }
      await world.pause(wait, signal);
    }
  }
}

/** Breaks off what is still going on. */
export async function breakOff(session: Session, act: Act, operation: string | null, signal: AbortSignal) {
  const doing = doingOf(act, session, signal);
  if (!doing || operation === null) return;
  const isOver = async () => {
    try {
      return doing.state(await session.ask(doing.look(operation), signal)).over;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return true;
      throw error;
    }
  };
  if (await isOver()) return;
  try {
    await session.ask(doing.cancel(operation), signal);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Refused && [400, 404, 409].includes(error.status))) throw error;
  }
  for (let count = 0; count < 30 && !(await isOver()); count++) await session.world.pause(first, signal);
}
