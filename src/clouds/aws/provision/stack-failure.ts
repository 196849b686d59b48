import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import type { Failure } from "../../../plan.ts";
import { builtInSteps, stepByLogicalId } from "../cloudformation.ts";
import { firstCause, formatEvent } from "./describe-stack.ts";
import { remainingLogicalIds } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** Advice for the most common errors of CloudFormation. */
const remedies: [RegExp, string][] = [
  [
    /not authorized to perform|AccessDenied|is not able to assume/i,
    "The role that was lent may not do this: renew its stack at /connect/aws, then try again.",
  ],
  [
    /limit|quota|maximum number|exceeded/i,
    "Ask AWS for a higher quota (Service Quotas), or remove what you no longer need, then try again.",
  ],
  [
    /insufficient.*capacity|capacity.*not available/i,
    "AWS has none left there just now: try again later, or choose another region.",
  ],
  [
    /circuit breaker|did not stabilize|health check|essential container/i,
    "The app does not start or does not answer its health check: its log in CloudWatch says why.",
  ],
  [/already exists/i, "Remove what is there already under this name, then try again."],
  [
    /verif(y|ied).*account|account.*(blocked|suspended|verification)/i,
    "AWS wants to look at your account first: open a case with AWS Support.",
  ],
];

/** Returns why a stack failed, what to do, and what remains of it. */
export function stackFailure({ name, run, template }: RunContext, events: StackEvent[], stack: Stack): Failure {
  const { StackStatus: status = "" } = stack;
  const cause = firstCause(events);
  const step = stepByLogicalId(template).get(cause?.LogicalResourceId ?? "") ?? builtInSteps.stack;
  if (!cause || status.startsWith("DELETE_"))
    return {
      message: `The stack ${name} is in ${status}${stack.StackStatusReason ? `: ${stack.StackStatusReason}` : ""}`,
      next: status.startsWith("DELETE_")
        ? "Somebody deleted it outside of Slipway. Try again to create it anew."
        : "Try again.",
      step: builtInSteps.stack,
    };
  const message = formatEvent(cause);
  const [, advice = "Mend what it says, then try again."] = remedies.find(([pattern]) => pattern.test(message)) ?? [];
  const remaining = remainingLogicalIds(events);
  const leftoverMessage =
    remaining.length === 0
      ? `Everything else was taken away again; the empty stack ${name} in ${run.plan.region} is deleted by another try, or by removing this.`
      : `Left in your account, and perhaps at a cost, until it is removed: ${remaining.join(", ")} of the stack ${name} in ${run.plan.region}.`;
  return { message, next: `${advice} ${leftoverMessage}`, step };
}
