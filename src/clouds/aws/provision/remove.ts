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

/** A request of a process that died may still be in flight for this long. */
const inFlightGraceMs = 10_000;

/** Empties the buckets and deletes the stack. */
export async function* remove(dependencies: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const initialLedger = createLedgerView(run.ledger);
  if (initialLedger.data(builtInSteps.stack).stack === undefined) {
    yield* allRemoved(run, initialLedger);
    return;
  }
  if (!run.access.roleArn) throw new OperationalError("Access to this account is no longer lent.", manualRemoval(run));
  const context = createRunContext(dependencies, run);
  try {
    yield* removeStack(context);
  } catch (error) {
    const operationalError = toOperationalErrorUnlessAborted(context, error);
    if (operationalError === null) return;
    const { message, next } = operationalError;
    const { ledger } = context;
    // A new attempt to deploy has to finish this removal first.
    const data = { over: ledger.data(builtInSteps.stack).stackId ?? null };
    if (ledger.state(builtInSteps.stack) !== "failed")
      yield ledger.step(builtInSteps.stack, "failed", { message, data });
    yield { type: "state", state: "failed", error: { message, next, step: builtInSteps.stack } };
  } finally {
    context.clients.close();
  }
}

async function* removeStack(context: RunContext): AsyncGenerator<DeploymentEvent> {
  const { clients, ledger, access, name, run, signal, dependencies } = context;
  const { stackId } = ledger.data(builtInSteps.stack);
  let stack = await findStack(clients, name, signal);
  if (!stack && stackId === undefined) {
    await dependencies.sleep(inFlightGraceMs, signal);
    stack = await findStack(clients, name, signal);
  }
  // CloudFormation finds a deleted stack by its id for 90 days, but only in its own account.
  if (!stack && stackId && !(await findStack(clients, restoreAccountId(access.account, `${stackId}`), signal)))
    throw new OperationalError(
      `The account that was lent has no stack called ${name} in ${run.plan.region}, and had none lately.`,
      "Lend the account that it was deployed to. If you deleted the stack there yourself, nothing is left to remove.",
    );
  if (stack?.StackId && isOwned(stack, run.id)) {
    if (ledger.state(builtInSteps.stack) !== "running")
      yield ledger.step(builtInSteps.stack, "running", { data: { stackId: redactAccountId(stack.StackId) } });
    const events = yield* deleteStack(context, stack.StackId, (snapshot) => deleteProgress(context, snapshot));
    const retained = retainedMessages(context.template, events);
    if (retained.length > 0) yield ledger.lines(builtInSteps.stack, retained);
  }
  await deleteUploadedTemplate(context);
  yield* allRemoved(run, ledger);
}

/** Lists what is retained, so that a removal does not lose data unnoticed. */
const retainedMessages = (template: Template, events: StackEvent[]): string[] =>
  events.flatMap(({ LogicalResourceId: id = "", PhysicalResourceId: name, ResourceStatus: status }) => {
    if (status === "DELETE_SKIPPED")
      return [`${id} is kept in your account, with what is in it, as ${name}: delete it when you no longer need it`];
    if (status !== "DELETE_COMPLETE" || template.Resources[id]?.DeletionPolicy !== "Snapshot") return [];
    return [`A last snapshot of ${id} is kept in your account, and costs a little, until you delete it`];
  });

function* allRemoved(run: Pick<Run, "ledger">, ledger: LedgerView): Generator<DeploymentEvent> {
  for (const name of [...run.ledger.keys()].reverse())
    if (mayExist(ledger.state(name))) yield ledger.step(name, "removed");
  yield { type: "state", state: "removed" };
}

/** Returns how to remove the stack without us. */
function manualRemoval({ app, id, plan: { region } }: Run): string {
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks?filteringText=${prefix}`;
  return `Give access again, or delete the stack ${stackName(app.slug, id)} yourself: ${console}`;
}
