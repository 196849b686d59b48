import type { Hand, Said } from "../../../walk.ts";
import { type Key, type Step, toldKey } from "../../stack.ts";
import type { Answer } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import { isUnclear } from "../api/retry-propagation.ts";
import { isAsked, lineOf, note, written } from "../ledger-entry.ts";
import { pick, ready, textAt } from "../resolve-values.ts";
import type { About, Session } from "../run-context.ts";
import { of } from "./create-resource.ts";

/** Makes the one key there is to be, and puts its secret where it is kept. Until all that is done, it is made anew. */
export async function* makeKey(
  session: Session,
  hand: Hand,
  step: Step,
  key: Key,
  number: number,
): AsyncGenerator<Said> {
  const { signal } = hand;
  if (lineOf(hand.data, key.id).is === "made") return;
  const attempt = Number(hand.data.attempt ?? 1);
  if (!isAsked(hand.data, key.id)) yield note(written(key.id, { is: "asked", attempt, operation: null, number }));
  const about: About = { of: of(hand, step), number };
  const made = await create();
  const secret = textAt(made, "secret");
  session.secret(secret);
  const named = { ...((pick(made, "metadata") as Answer | null) ?? {}), secret };
  for (const request of key.keep) {
    const facts = session.facts({ ...about, key: named }, signal);
    await session.ask(await ready(request, facts), signal);
  }
  const told = Object.entries(key.tells).map(([field, path]) => [toldKey(key.id, field), textAt(made, path)]);
  yield note({ ...Object.fromEntries(told), ...written(key.id, { is: "made" }) });

  /** One whose answer was lost is of no use: its secret was in it. */
  async function create(): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      await takeKeys(session, about, key, signal);
      try {
        return await session.google.once(await ready(key.create, session.facts(about, signal)));
      } catch (error) {
        const young = error instanceof Refused && error.status === 404;
        if ((!isUnclear(error) && !young && !(error instanceof Refused && error.status === 429)) || tried > 10)
          throw error;
        await session.world.pause(1_000 * tried, signal);
      }
    }
  }
}

/** Takes every key away that the account has. */
export async function takeKeys(session: Session, about: About, key: Key, signal: AbortSignal) {
  const listed = await session.ask(await ready(key.list, session.facts(about, signal)), signal);
  const items = Array.isArray(listed.items) ? (listed.items as Answer[]) : [];
  for (const item of items) {
    if (textAt(item, "state") === "DELETED") continue;
    for (const request of key.remove)
      try {
        await session.ask(await ready(request, session.facts({ ...about, key: item }, signal)), signal);
      } catch (error) {
        if (!(error instanceof Refused && error.status === 404)) throw error;
      }
  }
}
