import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import { eventsAfter, findStack, formatEvent, isOfStack, isSettled } from "./describe-stack.ts";
import type { RunContext } from "./run-context.ts";

const pollIntervalMs = 5_000;
/** What was just begun is not seen everywhere at once: how often that is borne. */
const maxMisses = 12;

interface FollowOptions {
  during?: (snapshot: StackSnapshot) => Iterable<DeploymentEvent>;
  until?: (snapshot: StackSnapshot) => boolean;
}

export interface StackSnapshot {
  stack: Stack;
  events: StackEvent[];
}

/** Says what happens to a stack until nothing happens any more, or, given what shall come of it, until that has. */
export async function* followStack(
  { clients, ledger, world: dependencies, signal }: RunContext,
  stackId: string,
  { during: onPoll = () => [], until = () => true }: FollowOptions = {},
): AsyncGenerator<DeploymentEvent, StackSnapshot> {
  const events: StackEvent[] = [];
  for (let misses = 0; ; ) {
    signal.throwIfAborted();
    // First the stack, then its events: when it is at rest, these are all.
    const stack = await findStack(clients, stackId, signal);
    if (stack) {
      events.push(...(await eventsAfter(clients, stackId, events.at(-1)?.EventId, signal)));
      const last = ledger.data(builtInSteps.stack).last;
      const newEvents = events.slice(events.findIndex(({ EventId }) => EventId === last) + 1);
      yield* onPoll({ stack, events });
      if (newEvents.length > 0)
        yield ledger.lines(builtInSteps.stack, newEvents.map(formatEvent), { last: newEvents.at(-1)?.EventId ?? null });
      if (isSettled(stack.StackStatus) && (until({ stack, events }) || ++misses > maxMisses)) return { stack, events };
    } else if (++misses > maxMisses) throw new OperationalError(`The stack ${stackId} has disappeared.`, "Try again.");
    signal.throwIfAborted();
    await dependencies.sleep(pollIntervalMs, signal);
  }
}

/** What is left of a stack after it was rolled back or deleted, by its logical ids. */
export function remainingLogicalIds(events: StackEvent[]): string[] {
  const existsById = new Map<string, boolean>();
  for (const event of events)
    if (!isOfStack(event) && event.LogicalResourceId && event.PhysicalResourceId)
      existsById.set(event.LogicalResourceId, !/^DELETE_COMPLETE$/.test(event.ResourceStatus ?? ""));
  return [...existsById].flatMap(([id, exists]) => (exists ? [id] : []));
}
