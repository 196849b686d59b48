import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import type { AccountClients } from "./api/clients.ts";
import { hasErrorName } from "./api/retry.ts";

/** A stack by its name or id; null when there is none. One that was deleted is only found by its id. */
export async function findStack(clients: AccountClients, name: string, signal?: AbortSignal): Promise<Stack | null> {
  try {
    const { Stacks } = await clients.cloudformation((cfn) => cfn.describeStacks({ StackName: name }), signal);
    return Stacks?.[0] ?? null;
  } catch (error) {
    // There is no name of its own for this: https://github.com/aws/aws-sdk-js/issues/2130
    if (hasErrorName(error, "ValidationError") && /does not exist/.test(error.message)) return null;
    throw error;
  }
}

/** A stack's id as the ledger keeps it: without the account, which is the visitor's and not ours to keep. */
export const redactAccountId = (stackId: string) => stackId.replace(/:\d{12}:/, "::");
export const restoreAccountId = (clients: string, redacted: string) =>
  redacted.replace("::stack/", `:${clients}:stack/`);

/** What happened to a stack after the last of these events, oldest first. */
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

/** Where a deployment's own stack stands: nothing to wait for any more? */
export const isSettled = (status = "") => !status.endsWith("_IN_PROGRESS");

/** A stack's own event names itself as the resource. */
export const isOfStack = (event: StackEvent) => event.PhysicalResourceId === event.StackId;

/** What went wrong first: the rest was only called off because of it. */
export const firstCause = (events: StackEvent[]): StackEvent | undefined => {
  const failed = events.filter(({ ResourceStatus: status = "" }) => status.endsWith("_FAILED"));
  const causes = failed.filter(({ ResourceStatusReason: reason = "" }) => !/\bcancell?ed\b/i.test(reason));
  return causes.find((event) => !isOfStack(event)) ?? causes[0] ?? failed[0];
};

/** An event in CloudFormation's own words. */
export const formatEvent = ({
  LogicalResourceId: id,
  ResourceStatus: status,
  ResourceStatusReason: reason,
}: StackEvent) => `${id} ${status}${reason ? `: ${reason}` : ""}`;
