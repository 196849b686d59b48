import type { StepState } from "../../../plan.ts";
import type { Event } from "../../cloud.ts";
import { isDone, stepsById } from "../cloudformation.ts";
import { atRest, firstCause, wordsOf } from "./describe-stack.ts";
import type { Seen } from "./follow-stack.ts";
import type { Setting } from "./run-context.ts";

/** What has changed about the plan's steps, as far as the stack's events tell. */
export function* progress(setting: Setting, seen: Seen): Generator<Event> {
  const { book, template } = setting;
  const { events, stack } = seen;
  const stepOf = stepsById(template);
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
      if (state !== "failed") yield book.step(Name, "failed", { message: wordsOf(cause) });
    } else if (cause) {
      if (gone && isThere(state)) yield book.step(Name, "removed");
    } else if (isDone(template, Name, begun, complete)) {
      if (state !== "done") yield book.step(Name, "done");
    } else if (state !== "running" && state !== "done") yield book.step(Name, "running");
  }
  if (!cause || gone || !atRest(stack.StackStatus)) return;
  // Something could not be taken away again: the steps that nothing is left of are gone, no other goes on.
  yield* regress(setting, seen, failing);
  for (const { Name } of template.Metadata.Slipway.Steps)
    if (book.state(Name) === "running") yield book.step(Name, "failed");
}

/** Which of the plan's steps are gone, while their stack is being deleted. */
export function* regress({ book, template }: Setting, { events }: Seen, failed?: string): Generator<Event> {
  const last = new Map(events.map(({ LogicalResourceId: id = "", ResourceStatus }) => [id, ResourceStatus]));
  for (const { Name, Resources } of template.Metadata.Slipway.Steps) {
    const there = Resources.filter((id) => last.has(id) && !/^DELETE_(COMPLETE|SKIPPED)$/.test(last.get(id) ?? ""));
    const known = Resources.some((id) => last.has(id));
    if (known && there.length === 0 && Name !== failed && isThere(book.state(Name))) yield book.step(Name, "removed");
  }
}

export const isThere = (state: StepState) => state !== "waiting" && state !== "removed";
