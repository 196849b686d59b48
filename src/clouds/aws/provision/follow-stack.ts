import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { type Event, Refusal } from "../../cloud.ts";
import { ownSteps } from "../cloudformation.ts";
import { atRest, eventsAfter, findStack, isOfStack, wordsOf } from "./describe-stack.ts";
import type { Setting } from "./run-context.ts";

const every = 5_000;
/** What was just begun is not seen everywhere at once: how often that is borne. */
const blinks = 12;

interface Following {
  during?: (seen: Seen) => Iterable<Event>;
  until?: (seen: Seen) => boolean;
}

export interface Seen {
  stack: Stack;
  events: StackEvent[];
}

/** Says what happens to a stack until nothing happens any more, or, given what shall come of it, until that has. */
export async function* follow(
  { account, book, world, stop }: Setting,
  stackId: string,
  { during = () => [], until = () => true }: Following = {},
): AsyncGenerator<Event, Seen> {
  const events: StackEvent[] = [];
  for (let missed = 0; ; ) {
    stop.throwIfAborted();
    // First the stack, then its events: when it is at rest, these are all.
    const stack = await findStack(account, stackId, stop);
    if (stack) {
      events.push(...(await eventsAfter(account, stackId, events.at(-1)?.EventId, stop)));
      const last = book.data(ownSteps.stack).last;
      const fresh = events.slice(events.findIndex(({ EventId }) => EventId === last) + 1);
      yield* during({ stack, events });
      if (fresh.length > 0)
        yield book.lines(ownSteps.stack, fresh.map(wordsOf), { last: fresh.at(-1)?.EventId ?? null });
      if (atRest(stack.StackStatus) && (until({ stack, events }) || ++missed > blinks)) return { stack, events };
    } else if (++missed > blinks) throw new Refusal(`The stack ${stackId} has disappeared.`, "Try again.");
    stop.throwIfAborted();
    await world.pause(every, stop);
  }
}

/** What is left of a stack after it was rolled back or deleted, by its logical ids. */
export function leftOf(events: StackEvent[]): string[] {
  const left = new Map<string, boolean>();
  for (const event of events)
    if (!isOfStack(event) && event.LogicalResourceId && event.PhysicalResourceId)
      left.set(event.LogicalResourceId, !/^DELETE_COMPLETE$/.test(event.ResourceStatus ?? ""));
  return [...left].flatMap(([id, is]) => (is ? [id] : []));
}
