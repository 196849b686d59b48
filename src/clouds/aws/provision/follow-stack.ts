import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import { eventsAfter, findStack, formatEvent, isOfStack, isSettled } from "./describe-stack.ts";
import type { RunContext } from "./run-context.ts";

const every = 5_000;
/** What was just begun is not seen everywhere at once: how often that is borne. */
const blinks = 12;

interface Following {
  during?: (seen: StackSnapshot) => Iterable<DeploymentEvent>;
  until?: (seen: StackSnapshot) => boolean;
}

export interface StackSnapshot {
  stack: Stack;
  events: StackEvent[];
}

/** Says what happens to a stack until nothing happens any more, or, given what shall come of it, until that has. */
export async function* followStack(
  { account, ledger: book, world, signal: stop }: RunContext,
  stackId: string,
  { during = () => [], until = () => true }: Following = {},
): AsyncGenerator<DeploymentEvent, StackSnapshot> {
  const events: StackEvent[] = [];
  for (let missed = 0; ; ) {
    stop.throwIfAborted();
    // First the stack, then its events: when it is at rest, these are all.
    const stack = await findStack(account, stackId, stop);
    if (stack) {
      events.push(...(await eventsAfter(account, stackId, events.at(-1)?.EventId, stop)));
      const last = book.data(builtInSteps.stack).last;
      const fresh = events.slice(events.findIndex(({ EventId }) => EventId === last) + 1);
      yield* during({ stack, events });
      if (fresh.length > 0)
        yield book.lines(builtInSteps.stack, fresh.map(formatEvent), { last: fresh.at(-1)?.EventId ?? null });
      if (isSettled(stack.StackStatus) && (until({ stack, events }) || ++missed > blinks)) return { stack, events };
    } else if (++missed > blinks) throw new OperationalError(`The stack ${stackId} has disappeared.`, "Try again.");
    stop.throwIfAborted();
    await world.sleep(every, stop);
  }
}

/** What is left of a stack after it was rolled back or deleted, by its logical ids. */
export function remainingLogicalIds(events: StackEvent[]): string[] {
  const left = new Map<string, boolean>();
  for (const event of events)
    if (!isOfStack(event) && event.LogicalResourceId && event.PhysicalResourceId)
      left.set(event.LogicalResourceId, !/^DELETE_COMPLETE$/.test(event.ResourceStatus ?? ""));
  return [...left].flatMap(([id, is]) => (is ? [id] : []));
}
