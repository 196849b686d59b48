import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { type DeploymentEvent, OperationalError, type Run } from "../../cloud.ts";
import { builtInSteps, prefix, stackName, type Template } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { deleteUploadedTemplate } from "./api/template-upload.ts";
import { isOwned } from "./create-stack.ts";
import { deleteStack } from "./delete-stack.ts";
import { findStack, redactAccountId, restoreAccountId } from "./describe-stack.ts";
import {
  createLedgerView,
  createRunContext,
  type LedgerView,
  type RunContext,
  toOperationalErrorUnlessAborted,
} from "./run-context.ts";
import { deleteProgress, mayExist } from "./step-progress.ts";

/** How long a request may be under way that a process left behind when it died. */
const lag = 10_000;

/** Empties what cannot be deleted full, and deletes the stack. */
export async function* remove(world: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const before = createLedgerView(run.ledger);
  if (before.data(builtInSteps.stack).stack === undefined) {
    yield* allRemoved(run, before);
    return;
  }
  if (!run.access.roleArn) throw new OperationalError("Access to this account is no longer lent.", byHand(run));
  const setting = createRunContext(world, run);
  try {
    yield* carryOut(setting);
  } catch (error) {
    const refusal = toOperationalErrorUnlessAborted(setting, error);
    if (refusal === null) return;
    const { message, next } = refusal;
    const { ledger: book } = setting;
    // Another try to deploy has to finish what was begun here.
    const data = { over: book.data(builtInSteps.stack).stackId ?? null };
    if (book.state(builtInSteps.stack) !== "failed") yield book.step(builtInSteps.stack, "failed", { message, data });
    yield { type: "state", state: "failed", error: { message, next, step: builtInSteps.stack } };
  } finally {
    setting.account.close();
  }
}

async function* carryOut(setting: RunContext): AsyncGenerator<DeploymentEvent> {
  const { account, ledger: book, lent, name, run, signal: stop, world } = setting;
  const { stackId } = book.data(builtInSteps.stack);
  let stack = await findStack(account, name, stop);
  if (!stack && stackId === undefined) {
    await world.sleep(lag, stop);
    stack = await findStack(account, name, stop);
  }
  // One that was deleted is still known by its id, for 90 days; one of another account never was.
  if (!stack && stackId && !(await findStack(account, restoreAccountId(lent.account, `${stackId}`), stop)))
    throw new OperationalError(
      `The account that was lent has no stack called ${name} in ${run.plan.region}, and had none lately.`,
      "Lend the account that it was deployed to. If you deleted the stack there yourself, nothing is left to remove.",
    );
  if (stack?.StackId && isOwned(stack, run.id)) {
    if (book.state(builtInSteps.stack) !== "running")
      yield book.step(builtInSteps.stack, "running", { data: { stackId: redactAccountId(stack.StackId) } });
    const events = yield* deleteStack(setting, stack.StackId, (seen) => deleteProgress(setting, seen));
    const kept = keptOf(setting.template, events);
    if (kept.length > 0) yield book.lines(builtInSteps.stack, kept);
  }
  await deleteUploadedTemplate(setting);
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

function* allRemoved({ ledger }: Pick<Run, "ledger">, book: LedgerView): Generator<DeploymentEvent> {
  for (const name of [...ledger.keys()].reverse()) if (mayExist(book.state(name))) yield book.step(name, "removed");
  yield { type: "state", state: "removed" };
}

/** What to do without us. */
function byHand({ app, id, plan: { region } }: Run): string {
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks?filteringText=${prefix}`;
  return `Lend access again, or delete the stack ${stackName(app.slug, id)} yourself: ${console}`;
}
