import type { StepState } from "../../../plan.ts";
import type { DeploymentEvent } from "../../cloud.ts";
import { isStepDone, stepByLogicalId } from "../cloudformation.ts";
import { firstCause, formatEvent, isSettled } from "./describe-stack.ts";
import type { StackSnapshot } from "./follow-stack.ts";
import type { RunContext } from "./run-context.ts";

/** What has changed about the plan's steps, as far as the stack's events tell. */
export function* createProgress(setting: RunContext, seen: StackSnapshot): Generator<DeploymentEvent> {
  const { ledger: book, template } = setting;
  const { events, stack } = seen;
  const stepOf = stepByLogicalId(template);
  const begun = new Set<string>();
  const complete = new Set<string>();
  for (const { LogicalResourceId: id = "", ResourceStatus: status = "" } of events) {
    if (status.startsWith("CREATE_")) begun.add(id);
    if (status === "CREATE_COMPLETE") complete.add(id);
    else if (!status.startsWith("CREATE_")) complete.delete(id);
  }
  const cause = firstCause(events);
  const failing = cause && stepOf.get(cause.LogicalResourceId ?? "");
  const gone = stack.StackStatus === "ROLLBACK_COMPLETE" || stack.StackStatus === "DELETE_COMPLETE";
  for (const { Name, Resources } of template.Metadata.Slipway.Steps) {
    if (!Resources.some((id) => begun.has(id))) continue;
    const state = book.state(Name);
    if (cause && Name === failing) {
      if (state === "waiting") yield book.step(Name, "running");
      if (state !== "failed") yield book.step(Name, "failed", { message: formatEvent(cause) });
    } else if (cause) {
      if (gone && mayExist(state)) yield book.step(Name, "removed");
    } else if (isStepDone(template, Name, begun, complete)) {
      if (state !== "done") yield book.step(Name, "done");
    } else if (state !== "running" && state !== "done") yield book.step(Name, "running");
  }
  if (!cause || gone || !isSettled(stack.StackStatus)) return;
  // Something could not be taken away again: the steps that nothing is left of are gone, no other goes on.
  yield* deleteProgress(setting, seen, failing);
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (book.state(Name) === "running") yield book.step(Name, "failed");
}

/** Which of the plan's steps are gone, while their stack is being deleted. */
export function* deleteProgress(
  { ledger: book, template }: RunContext,
  { events }: StackSnapshot,
  failed?: string,
): Generator<DeploymentEvent> {
  const last = new Map(events.map(({ LogicalResourceId: id = "", ResourceStatus }) => [id, ResourceStatus]));
  for (const { Name, Resources } of template.Metadata.Slipway.Steps) {
    const there = Resources.filter((id) => last.has(id) && !/^DELETE_(COMPLETE|SKIPPED)$/.test(last.get(id) ?? ""));
    const known = Resources.some((id) => last.has(id));
    if (known && there.length === 0 && Name !== failed && mayExist(book.state(Name))) yield book.step(Name, "removed");
  }
}

export const mayExist = (state: StepState) => state !== "waiting" && state !== "removed";
