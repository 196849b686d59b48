import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import { hasErrorName } from "./api/retry.ts";
import { disableDeletionProtection } from "./deletion-protection.ts";
import { eventsAfter, findStack, firstCause, formatEvent, isOfStack, isSettled } from "./describe-stack.ts";
import { emptyBuckets } from "./empty-buckets.ts";
import { followStack, type StackSnapshot } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** An app that still runs fills its bucket again while the stack is being deleted. */
const rounds = 3;

/** Deletes a stack with everything in it, and gives what happened. Throws a `Refusal` with what is left, and why. */
export async function* deleteStack(
  setting: RunContext,
  stackId: string,
  during?: (seen: StackSnapshot) => Iterable<DeploymentEvent>,
): AsyncGenerator<DeploymentEvent, StackEvent[]> {
  const { account, ledger: book, name, signal: stop } = setting;
  for (let round = 1; ; round++) {
    const { StackStatus: status = "DELETE_COMPLETE" } = (await findStack(account, stackId, stop)) ?? {};
    if (status === "DELETE_COMPLETE") return [];
    if (!isSettled(status) && status !== "CREATE_IN_PROGRESS") {
      const { stack, events } = yield* followStack(setting, stackId, { during });
      if (stack.StackStatus === "DELETE_COMPLETE") return events;
    }
    if (isSettled(status)) yield* disableDeletionProtection(setting, stackId);
    yield* emptyBuckets(setting, stackId);
    const { length: before } = await eventsAfter(account, stackId, undefined, stop);
    // What it came to the last time is no answer to this time's request.
    const until = ({ stack, events }: StackSnapshot) =>
      stack.StackStatus === "DELETE_COMPLETE" ||
      events.slice(before).some((event) => isOfStack(event) && event.ResourceStatus === "DELETE_FAILED");
    try {
      await account.cloudformation((cfn) => cfn.deleteStack({ StackName: stackId }), stop);
    } catch (error) {
      if (!hasErrorName(error, "ValidationError") || !/TerminationProtection/.test(error.message)) throw error;
      throw new OperationalError(
        `The stack ${name} is protected against being deleted.`,
        `Switch its termination protection off in CloudFormation, then remove it again.`,
      );
    }
    const { stack, events } = yield* followStack(setting, stackId, { during, until });
    if (stack.StackStatus === "DELETE_COMPLETE") return events;
    const failed = events.slice(before).filter(({ ResourceStatus }) => ResourceStatus === "DELETE_FAILED");
    const cause = firstCause(failed);
    const full = failed.some(({ ResourceStatusReason: reason = "" }) => /not empty/i.test(reason));
    if (full && round < rounds) {
      yield book.lines(builtInSteps.stack, ["A bucket was filled again meanwhile; emptying it once more"]);
      continue;
    }
    throw new OperationalError(
      cause ? formatEvent(cause) : `${name} ${stack.StackStatus}`,
      `Mend what it says, then remove it again; or delete the stack ${name} in CloudFormation yourself.`,
    );
  }
}
