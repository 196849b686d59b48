import type { Stack } from "@aws-sdk/client-cloudformation";
import { type Event, Refusal } from "../../cloud.ts";
import { answered, capabilities, ownSteps, parameters, parametersOf, tagNames } from "../cloudformation.ts";
import { belongings } from "../role-names.ts";
import { isNamed } from "./api/retry.ts";
import { document } from "./api/template-upload.ts";
import { takeAway } from "./delete-stack.ts";
import { findStack, keptId } from "./describe-stack.ts";
import type { Setting } from "./run-context.ts";
import { badAnswers } from "./validate-parameters.ts";

/** A stack that is not finished by then never will be. */
const minutes = 120;

/** Creates the stack or adopts the one an earlier try has made; gives its id. */
export async function* begin(setting: Setting): AsyncGenerator<Event, string> {
  const { account, book, name, run, stop } = setting;
  const stack = await findStack(account, name, stop);
  if (stack && !isOurs(stack, run.id))
    throw new Refusal(
      `Your account already has a stack called ${name} in ${run.plan.region}, and it is not of this deployment.`,
      "Delete that stack, or deploy into another region.",
    );
  if (!stack?.StackId) return create(setting);
  // A step that failed and waits for no other try was left by a process that died before it could say so.
  const over = keptId(stack.StackId) === book.data(ownSteps.stack).over && book.state(ownSteps.stack) !== "failed";
  if (!over) return stack.StackId;
  yield book.lines(ownSteps.stack, ["Deleting what the last try has left"]);
  yield* takeAway(setting, stack.StackId);
  return create(setting);
}

export const isOurs = ({ Tags = [] }: Stack, id: string) =>
  Tags.some(({ Key, Value }) => Key === tagNames.deployment && Value === id);

async function create(setting: Setting): Promise<string> {
  const { account, book, lent, name, run, stop, template } = setting;
  const [bad] = badAnswers(template, run.env);
  if (bad) throw new Refusal(bad.message, bad.fix);
  const { stacksRole, boundary } = belongings(lent);
  const { slug, source } = run.app;
  const own = { [parameters.deployment]: run.id, [parameters.boundary]: boundary };
  const asked = {
    StackName: name,
    ...(await document({ ...setting, template: answered(template, run.env) })),
    Parameters: parametersOf(template, run.env, own),
    Tags: Object.entries({
      [tagNames.app]: slug,
      [tagNames.deployment]: run.id,
      ...(source.commit ? { [tagNames.commit]: source.commit } : {}),
    }).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...capabilities],
    RoleARN: stacksRole,
    TimeoutInMinutes: minutes,
    // The same for one try however often it is asked; another one for the next.
    ClientRequestToken: `slipway-${run.id}-${book.data(ownSteps.stack).attempt}`,
  };
  try {
    const { StackId = name } = await account.cloudformation((cfn) => cfn.createStack(asked), stop);
    return StackId;
  } catch (error) {
    // The answer to an earlier request of ours was lost, and the request was not.
    if (!isNamed(error, "AlreadyExistsException", "TokenAlreadyExistsException")) throw error;
    const stack = await findStack(account, name);
    if (!stack?.StackId || !isOurs(stack, run.id)) throw error;
    return stack.StackId;
  }
}
