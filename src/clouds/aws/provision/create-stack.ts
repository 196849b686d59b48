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

/** A stack that is not finished by then never will be. */
const minutes = 120;

/** Creates the stack or adopts the one an earlier try has made; gives its id. */
export async function* createOrAdoptStack(setting: RunContext): AsyncGenerator<DeploymentEvent, string> {
  const { account, ledger: book, name, run, signal: stop } = setting;
  const stack = await findStack(account, name, stop);
  if (stack && !isOwned(stack, run.id))
    throw new OperationalError(
      `Your account already has a stack called ${name} in ${run.plan.region}, and it is not of this deployment.`,
      "Delete that stack, or deploy into another region.",
    );
  if (!stack?.StackId) return create(setting);
  // A step that failed and waits for no other try was left by a process that died before it could say so.
  const over =
    redactAccountId(stack.StackId) === book.data(builtInSteps.stack).over &&
    book.state(builtInSteps.stack) !== "failed";
  if (!over) return stack.StackId;
  yield book.lines(builtInSteps.stack, ["Deleting what the last try has left"]);
  yield* deleteStack(setting, stack.StackId);
  return create(setting);
}

export const isOwned = ({ Tags = [] }: Stack, id: string) =>
  Tags.some(({ Key, Value }) => Key === tagNames.deployment && Value === id);

async function create(setting: RunContext): Promise<string> {
  const { account, ledger: book, lent, name, run, signal: stop, template } = setting;
  const [bad] = validateParameters(template, run.env);
  if (bad) throw new OperationalError(bad.message, bad.fix);
  const { stacksRole, boundary } = roleResources(lent);
  const { slug, source } = run.app;
  const own = { [parameters.deployment]: run.id, [parameters.boundary]: boundary };
  const asked = {
    StackName: name,
    ...(await templateArgument({ ...setting, template: omitUnansweredOptionals(template, run.env) })),
    Parameters: createStackParameters(template, run.env, own),
    Tags: Object.entries({
      [tagNames.app]: slug,
      [tagNames.deployment]: run.id,
      ...(source.commit ? { [tagNames.commit]: source.commit } : {}),
    }).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...capabilities],
    RoleARN: stacksRole,
    TimeoutInMinutes: minutes,
    // The same for one try however often it is asked; another one for the next.
    ClientRequestToken: `slipway-${run.id}-${book.data(builtInSteps.stack).attempt}`,
  };
  try {
    const { StackId = name } = await account.cloudformation((cfn) => cfn.createStack(asked), stop);
    return StackId;
  } catch (error) {
    // The answer to an earlier request of ours was lost, and the request was not.
    if (!hasErrorName(error, "AlreadyExistsException", "TokenAlreadyExistsException")) throw error;
    const stack = await findStack(account, name);
    if (!stack?.StackId || !isOwned(stack, run.id)) throw error;
    return stack.StackId;
  }
}
