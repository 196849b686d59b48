import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import { eventsAfter, findStack, formatEvent, isOfStack, isSettled } from "./describe-stack.ts";
import type { RunContext } from "./run-context.ts";

const pollIntervalMs = 5_000;
/** A new stack may not be visible at first: the number of polls that may miss it. */
const maxMisses = 12;

interface FollowOptions {
  onPoll?: (snapshot: StackSnapshot) => Iterable<DeploymentEvent>;
  until?: (snapshot: StackSnapshot) => boolean;
}

export interface StackSnapshot {
  stack: Stack;
  events: StackEvent[];
}

/** Yields the stack's events until it settles and `until` holds. */
export async function* followStack(
  { clients, ledger, dependencies, signal }: RunContext,
  stackId: string,
  { onPoll = () => [], until = () => true }: FollowOptions = {},
): AsyncGenerator<DeploymentEvent, StackSnapshot> {
  const events: StackEvent[] = [];
  for (let misses = 0; ; ) {
    signal.throwIfAborted();
    // Fetch the stack before its events: if it has settled, the events are complete.
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

/** Returns the logical ids that remain after a rollback or delete. */
export function remainingLogicalIds(events: StackEvent[]): string[] {
  const existsById = new Map<string, boolean>();
  for (const event of events)
    if (!isOfStack(event) && event.LogicalResourceId && event.PhysicalResourceId)
      existsById.set(event.LogicalResourceId, !/^DELETE_COMPLETE$/.test(event.ResourceStatus ?? ""));
  return [...existsById].flatMap(([id, exists]) => (exists ? [id] : []));
}
