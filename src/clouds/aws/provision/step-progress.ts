import type { StepState } from "../../../plan.ts";
import type { DeploymentEvent } from "../../cloud.ts";
import { isStepDone, stepByLogicalId } from "../cloudformation.ts";
import { firstCause, formatEvent, isSettled } from "./describe-stack.ts";
import type { StackSnapshot } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** Yields the changes of the plan's steps that follow from the stack's events. */
export function* createProgress(context: RunContext, snapshot: StackSnapshot): Generator<DeploymentEvent> {
  const { ledger, template } = context;
  const { events, stack } = snapshot;
  const stepOf = stepByLogicalId(template);
  const started = new Set<string>();
  const complete = new Set<string>();
  for (const { LogicalResourceId: id = "", ResourceStatus: status = "" } of events) {
    if (status.startsWith("CREATE_")) started.add(id);
    if (status === "CREATE_COMPLETE") complete.add(id);
    else if (!status.startsWith("CREATE_")) complete.delete(id);
  }
  const cause = firstCause(events);
  const failedStep = cause && stepOf.get(cause.LogicalResourceId ?? "");
  const isGone = stack.StackStatus === "ROLLBACK_COMPLETE" || stack.StackStatus === "DELETE_COMPLETE";
  for (const { Name, Resources } of template.Metadata.Slipway.Steps) {
    if (!Resources.some((id) => started.has(id))) continue;
    const state = ledger.state(Name);
    if (cause && Name === failedStep) {
      if (state === "waiting") yield ledger.step(Name, "running");
      if (state !== "failed") yield ledger.step(Name, "failed", { message: formatEvent(cause) });
    } else if (cause) {
      if (isGone && mayExist(state)) yield ledger.step(Name, "removed");
    } else if (isStepDone(template, Name, started, complete)) {
      if (state !== "done") yield ledger.step(Name, "done");
    } else if (state !== "running" && state !== "done") yield ledger.step(Name, "running");
  }
  if (!cause || isGone || !isSettled(stack.StackStatus)) return;
  // The rollback failed: steps without remaining resources are removed, and no other continues.
  yield* deleteProgress(context, snapshot, failedStep);
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (ledger.state(Name) === "running") yield ledger.step(Name, "failed");
}

/** Yields the steps that no longer have resources while their stack is being deleted. */
export function* deleteProgress(
  { ledger, template }: RunContext,
  { events }: StackSnapshot,
  failed?: string,
): Generator<DeploymentEvent> {
  const lastStatus = new Map(events.map(({ LogicalResourceId: id = "", ResourceStatus }) => [id, ResourceStatus]));
  for (const { Name, Resources } of template.Metadata.Slipway.Steps) {
    const remaining = Resources.filter(
      (id) => lastStatus.has(id) && !/^DELETE_(COMPLETE|SKIPPED)$/.test(lastStatus.get(id) ?? ""),
    );
    const hasEvents = Resources.some((id) => lastStatus.has(id));
    if (hasEvents && remaining.length === 0 && Name !== failed && mayExist(ledger.state(Name)))
      yield ledger.step(Name, "removed");
  }
}

export const mayExist = (state: StepState) => state !== "waiting" && state !== "removed";
