import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { type Event, Refusal, type Run } from "../../cloud.ts";
import { ownSteps, prefix, stackName, type Template } from "../cloudformation.ts";
import type { World } from "../dependencies.ts";
import { forgetDocument } from "./api/template-upload.ts";
import { isOurs } from "./create-stack.ts";
import { takeAway } from "./delete-stack.ts";
import { findStack, idIn, keptId } from "./describe-stack.ts";
import { type Book, bookOf, refusalIn, type Setting, settingOf } from "./run-context.ts";
import { isThere, regress } from "./step-progress.ts";

/** How long a request may be under way that a process left behind when it died. */
const lag = 10_000;

/** Empties what cannot be deleted full, and deletes the stack. */
export async function* remove(world: World, run: Run): AsyncGenerator<Event> {
  const before = bookOf(run.ledger);
  if (before.data(ownSteps.stack).stack === undefined) {
    yield* allRemoved(run, before);
    return;
  }
  if (!run.access.roleArn) throw new Refusal("Access to this account is no longer lent.", byHand(run));
  const setting = settingOf(world, run);
  try {
    yield* carryOut(setting);
  } catch (error) {
    const refusal = refusalIn(setting, error);
    if (refusal === null) return;
    const { message, next } = refusal;
    const { book } = setting;
    // Another try to deploy has to finish what was begun here.
    const data = { over: book.data(ownSteps.stack).stackId ?? null };
    if (book.state(ownSteps.stack) !== "failed") yield book.step(ownSteps.stack, "failed", { message, data });
    yield { type: "state", state: "failed", error: { message, next, step: ownSteps.stack } };
  } finally {
    setting.account.close();
  }
}

async function* carryOut(setting: Setting): AsyncGenerator<Event> {
  const { account, book, lent, name, run, stop, world } = setting;
  const { stackId } = book.data(ownSteps.stack);
  let stack = await findStack(account, name, stop);
  if (!stack && stackId === undefined) {
    await world.pause(lag, stop);
    stack = await findStack(account, name, stop);
  }
  // One that was deleted is still known by its id, for 90 days; one of another account never was.
  if (!stack && stackId && !(await findStack(account, idIn(lent.account, `${stackId}`), stop)))
    throw new Refusal(
      `The account that was lent has no stack called ${name} in ${run.plan.region}, and had none lately.`,
      "Lend the account that it was deployed to. If you deleted the stack there yourself, nothing is left to remove.",
    );
  if (stack?.StackId && isOurs(stack, run.id)) {
    if (book.state(ownSteps.stack) !== "running")
      yield book.step(ownSteps.stack, "running", { data: { stackId: keptId(stack.StackId) } });
    const events = yield* takeAway(setting, stack.StackId, (seen) => regress(setting, seen));
    const kept = keptOf(setting.template, events);
    if (kept.length > 0) yield book.lines(ownSteps.stack, kept);
  }
  await forgetDocument(setting);
  yield* allRemoved(run, book);
}

/** What outlives its stack, so that nobody loses data by pressing a button. */
const keptOf = (template: Template, events: StackEvent[]): string[] =>
  events.flatMap(({ LogicalResourceId: id = "", PhysicalResourceId: name, ResourceStatus: status }) => {
    if (status === "DELETE_SKIPPED")
      return [`${id} is kept in your account, with what is in it, as ${name}: delete it when you no longer need it`];
    if (status !== "DELETE_COMPLETE" || template.Resources[id]?.DeletionPolicy !== "Snapshot") return [];
    return [`A last snapshot of ${id} is kept in your account, and costs a little, until you delete it`];
  });

function* allRemoved({ ledger }: Pick<Run, "ledger">, book: Book): Generator<Event> {
  for (const name of [...ledger.keys()].reverse()) if (isThere(book.state(name))) yield book.step(name, "removed");
  yield { type: "state", state: "removed" };
}

/** What to do without us. */
function byHand({ app, id, plan: { region } }: Run): string {
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks?filteringText=${prefix}`;
  return `Lend access again, or delete the stack ${stackName(app.slug, id)} yourself: ${console}`;
}
