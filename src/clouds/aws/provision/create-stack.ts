import type { Stack } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import {
  builtInSteps,
  capabilities,
  createStackParameters,
  omitUnansweredOptionals,
  parameters,
  tagNames,
} from "../cloudformation.ts";
import { roleResources } from "../role-names.ts";
import { hasErrorName } from "./api/retry.ts";
import { templateArgument } from "./api/template-upload.ts";
import { deleteStack } from "./delete-stack.ts";
import { findStack, redactAccountId } from "./describe-stack.ts";
import type { RunContext } from "./run-context.ts";
import { validateParameters } from "./validate-parameters.ts";

/** No stack of ours takes longer unless it is stuck. */
const timeoutMinutes = 120;

/** Creates the stack, or adopts the one of an earlier attempt. Returns its id. */
export async function* createOrAdoptStack(context: RunContext): AsyncGenerator<DeploymentEvent, string> {
  const { clients, ledger, name, run, signal } = context;
  const stack = await findStack(clients, name, signal);
  if (stack && !isOwned(stack, run.id))
    throw new OperationalError(
      `Your account already has a stack called ${name} in ${run.plan.region}, and it is not of this deployment.`,
      "Delete that stack, or deploy into another region.",
    );
  if (!stack?.StackId) return createStack(context);
  // If the step is still "failed", no new attempt has begun: the process died before it reported the failure.
  const isFailedAttempt =
    redactAccountId(stack.StackId) === ledger.data(builtInSteps.stack).over &&
    ledger.state(builtInSteps.stack) !== "failed";
  if (!isFailedAttempt) return stack.StackId;
  yield ledger.lines(builtInSteps.stack, ["Deleting what the last try has left"]);
  yield* deleteStack(context, stack.StackId);
  return createStack(context);
}

export const isOwned = ({ Tags = [] }: Stack, id: string) =>
  Tags.some(({ Key, Value }) => Key === tagNames.deployment && Value === id);

async function createStack(context: RunContext): Promise<string> {
  const { clients, ledger, access, name, run, signal, template } = context;
  const [problem] = validateParameters(template, run.env);
  if (problem) throw new OperationalError(problem.message, problem.fix);
  const { stacksRole, boundary } = roleResources(access);
  const { slug, source } = run.app;
  const builtIn = { [parameters.deployment]: run.id, [parameters.boundary]: boundary };
  const input = {
    StackName: name,
    ...(await templateArgument({ ...context, template: omitUnansweredOptionals(template, run.env) })),
    Parameters: createStackParameters(template, run.env, builtIn),
    Tags: Object.entries({
      [tagNames.app]: slug,
      [tagNames.deployment]: run.id,
      ...(source.commit ? { [tagNames.commit]: source.commit } : {}),
    }).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...capabilities],
    RoleARN: stacksRole,
    TimeoutInMinutes: timeoutMinutes,
    // Stays the same for one attempt, so that a repeated request is idempotent.
    ClientRequestToken: `slipway-${run.id}-${ledger.data(builtInSteps.stack).attempt}`,
  };
  try {
    const { StackId = name } = await clients.cloudformation((cfn) => cfn.createStack(input), signal);
    return StackId;
  } catch (error) {
    // An earlier request of ours succeeded, but its response was lost.
    if (!hasErrorName(error, "AlreadyExistsException", "TokenAlreadyExistsException")) throw error;
    const stack = await findStack(clients, name);
    if (!stack?.StackId || !isOwned(stack, run.id)) throw error;
    return stack.StackId;
  }
}
