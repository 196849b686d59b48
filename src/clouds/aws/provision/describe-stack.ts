import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import type { AccountClients } from "./api/clients.ts";
import { hasErrorName } from "./api/retry.ts";

/** Returns a stack by name or id; null if absent. A deleted stack is found only by its id. */
export async function findStack(clients: AccountClients, name: string, signal?: AbortSignal): Promise<Stack | null> {
  try {
    const { Stacks } = await clients.cloudformation((cfn) => cfn.describeStacks({ StackName: name }), signal);
    return Stacks?.[0] ?? null;
  } catch (error) {
    // AWS has no error name for this: https://github.com/aws/aws-sdk-js/issues/2130
    if (hasErrorName(error, "ValidationError") && /does not exist/.test(error.message)) return null;
    throw error;
  }
}

/** Removes the account id, which the ledger must not store, from a stack's id. */
export const redactAccountId = (stackId: string) => stackId.replace(/:\d{12}:/, "::");
export const restoreAccountId = (clients: string, redacted: string) =>
  redacted.replace("::stack/", `:${clients}:stack/`);

/** Returns the stack's events after this one, oldest first. */
export async function eventsAfter(
  clients: AccountClients,
  stackId: string,
  last: string | undefined,
  signal?: AbortSignal,
): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const input = { StackName: stackId, NextToken };
    const { StackEvents: page = [], NextToken: nextToken } = await clients.cloudformation(
      (cfn) => cfn.describeStackEvents(input),
      signal,
    );
    const lastSeen = page.findIndex(({ EventId }) => EventId === last);
    events.push(...page.slice(0, lastSeen < 0 ? undefined : lastSeen));
    NextToken = lastSeen < 0 ? nextToken : undefined;
  } while (NextToken);
  return events.reverse();
}

/** Whether no operation is in progress. */
export const isSettled = (status = "") => !status.endsWith("_IN_PROGRESS");

/** A stack's own event has its id as the resource. */
export const isOfStack = (event: StackEvent) => event.PhysicalResourceId === event.StackId;

/** Returns the first failure. The later ones were only cancelled because of it. */
export const firstCause = (events: StackEvent[]): StackEvent | undefined => {
  const failed = events.filter(({ ResourceStatus: status = "" }) => status.endsWith("_FAILED"));
  const causes = failed.filter(({ ResourceStatusReason: reason = "" }) => !/\bcancell?ed\b/i.test(reason));
  return causes.find((event) => !isOfStack(event)) ?? causes[0] ?? failed[0];
};

/** Formats an event in CloudFormation's own words. */
export const formatEvent = ({
  LogicalResourceId: id,
  ResourceStatus: status,
  ResourceStatusReason: reason,
}: StackEvent) => `${id} ${status}${reason ? `: ${reason}` : ""}`;
