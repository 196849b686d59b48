import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import { hasErrorName } from "./api/retry.ts";
import { disableDeletionProtection } from "./deletion-protection.ts";
import { eventsAfter, findStack, firstCause, formatEvent, isOfStack, isSettled } from "./describe-stack.ts";
import { emptyBuckets } from "./empty-buckets.ts";
import { followStack, type StackSnapshot } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** A running app may write to its bucket again while the stack is being deleted. */
const maxRounds = 3;

/** Deletes the stack and returns its events. Throws an OperationalError with what remains and why. */
export async function* deleteStack(
  context: RunContext,
  stackId: string,
  onPoll?: (snapshot: StackSnapshot) => Iterable<DeploymentEvent>,
): AsyncGenerator<DeploymentEvent, StackEvent[]> {
  const { clients, ledger, name, signal } = context;
  for (let round = 1; ; round++) {
    const { StackStatus: status = "DELETE_COMPLETE" } = (await findStack(clients, stackId, signal)) ?? {};
    if (status === "DELETE_COMPLETE") return [];
    if (!isSettled(status) && status !== "CREATE_IN_PROGRESS") {
      const { stack, events } = yield* followStack(context, stackId, { onPoll });
      if (stack.StackStatus === "DELETE_COMPLETE") return events;
    }
    if (isSettled(status)) yield* disableDeletionProtection(context, stackId);
    yield* emptyBuckets(context, stackId);
    const { length: eventsBefore } = await eventsAfter(clients, stackId, undefined, signal);
    // Ignores the outcome of earlier deletes: only events after this request count.
    const until = ({ stack, events }: StackSnapshot) =>
      stack.StackStatus === "DELETE_COMPLETE" ||
      events.slice(eventsBefore).some((event) => isOfStack(event) && event.ResourceStatus === "DELETE_FAILED");
    try {
      await clients.cloudformation((cfn) => cfn.deleteStack({ StackName: stackId }), signal);
    } catch (error) {
      if (!hasErrorName(error, "ValidationError") || !/TerminationProtection/.test(error.message)) throw error;
      throw new OperationalError(
        `The stack ${name} is protected against being deleted.`,
        `Switch its termination protection off in CloudFormation, then remove it again.`,
      );
    }
    const { stack, events } = yield* followStack(context, stackId, { onPoll, until });
    if (stack.StackStatus === "DELETE_COMPLETE") return events;
    const failures = events.slice(eventsBefore).filter(({ ResourceStatus }) => ResourceStatus === "DELETE_FAILED");
    const cause = firstCause(failures);
    const hasFullBucket = failures.some(({ ResourceStatusReason: reason = "" }) => /not empty/i.test(reason));
    if (hasFullBucket && round < maxRounds) {
      yield ledger.lines(builtInSteps.stack, ["A bucket was filled again meanwhile; emptying it once more"]);
      continue;
    }
    throw new OperationalError(
      cause ? formatEvent(cause) : `${name} ${stack.StackStatus}`,
      `Mend what it says, then remove it again; or delete the stack ${name} in CloudFormation yourself.`,
    );
  }
}
