import type { DeploymentEvent } from "../../cloud.ts";
import { builtInSteps, capabilities, parameters } from "../cloudformation.ts";
import { roleResources } from "../role-names.ts";
import { hasErrorName } from "./api/retry.ts";
import { eventsAfter, findStack, isOfStack } from "./describe-stack.ts";
import { followStack, type StackSnapshot } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** Protects a complete stack against deletion, if its preset says so. A stack that fails must stay deletable. */
export async function* enableDeletionProtection(context: RunContext, stackId: string): AsyncGenerator<DeploymentEvent> {
  yield* setDeletionProtection(context, stackId, "true", "Protecting what holds data against deletion");
}

/** Disables deletion protection, because a removal is no accident. */
export async function* disableDeletionProtection(
  context: RunContext,
  stackId: string,
): AsyncGenerator<DeploymentEvent> {
  yield* setDeletionProtection(context, stackId, "false", "Lifting the protection against deletion");
}

/** Updates only the parameter: the template and every answer stay, so that nothing else of the app changes. */
async function* setDeletionProtection(
  context: RunContext,
  stackId: string,
  value: "true" | "false",
  message: string,
): AsyncGenerator<DeploymentEvent> {
  const { clients, ledger, access, signal } = context;
  const { StackStatus: status = "", Parameters = [] } = (await findStack(clients, stackId, signal)) ?? {};
  if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(status)) return;
  const current = Parameters.find(({ ParameterKey }) => ParameterKey === parameters.protected)?.ParameterValue;
  if (current === undefined || current === value) return;
  const input = {
    StackName: stackId,
    UsePreviousTemplate: true,
    Parameters: Parameters.map(({ ParameterKey }) =>
      ParameterKey === parameters.protected
        ? { ParameterKey, ParameterValue: value }
        : { ParameterKey, UsePreviousValue: true },
    ),
    Capabilities: [...capabilities],
    RoleARN: roleResources(access).stacksRole,
  };
  const { length: eventsBefore } = await eventsAfter(clients, stackId, undefined, signal);
  // The status may still be that of an earlier update: only events after this request count.
  const until = ({ events }: StackSnapshot) =>
    events
      .slice(eventsBefore)
      .some((event) => isOfStack(event) && /^UPDATE_.*(COMPLETE|FAILED)$/.test(event.ResourceStatus ?? ""));
  try {
    await clients.cloudformation((cfn) => cfn.updateStack(input), signal);
  } catch (error) {
    if (hasErrorName(error, "ValidationError") && /No updates/.test(error.message)) return;
    throw error;
  }
  yield ledger.lines(builtInSteps.stack, [message]);
  const { stack } = yield* followStack(context, stackId, { until });
  if (stack.StackStatus !== "UPDATE_COMPLETE")
    yield ledger.lines(builtInSteps.stack, [`The protection against deletion did not change: ${stack.StackStatus}`]);
}
