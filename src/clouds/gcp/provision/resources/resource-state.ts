import { labels } from "../../stack.ts";
import type { Answer } from "../api/client.ts";
import { pick, textAt } from "../resolve-values.ts";

/** How a thing stands that was found: still being made, whole, or come to nothing, in Google's words. */
export type Standing = { is: "coming" } | { is: "whole" } | { is: "failed"; why: string } | { is: "going" };

const coming = /^(PENDING_CREATE|CREATING|MAINTENANCE|PENDING|REPAIRING|UPDATING)$/;

/** By its `state` (Cloud SQL, Memorystore) or its conditions (Cloud Run); what has neither is whole. */
export function standing(thing: Answer): Standing {
  const state = typeof thing.state === "string" ? thing.state : "";
  if (coming.test(state)) return { is: "coming" };
  if (/^(PENDING_DELETE|DELETING|DELETE_REQUESTED)$/.test(state) || textAt(thing, "deleteTime") !== "")
    return { is: "going" };
  if (state === "FAILED") return { is: "failed", why: "FAILED" };
  const ready = pick(thing, "terminalCondition");
  if (textAt(ready, "state") === "CONDITION_FAILED") return { is: "failed", why: textAt(ready, "message") };
  if (thing.reconciling === true) return { is: "coming" };
  return { is: "whole" };
}

/** Whether it says that it is this deployment's. */
export const isOurs = (thing: Answer, mark: string | null, deployment: string): boolean =>
  mark === null || textAt(pick(thing, mark), labels.deployment) === deployment;
