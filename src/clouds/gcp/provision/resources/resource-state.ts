import { ownerLabels } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { getPath, getString } from "../api/json-path.ts";

/** How a thing stands that was found: still being made, whole, or come to nothing, in Google's words. */
export type ResourceState = { is: "coming" } | { is: "whole" } | { is: "failed"; why: string } | { is: "going" };

const coming = /^(PENDING_CREATE|CREATING|MAINTENANCE|PENDING|REPAIRING|UPDATING)$/;

/** By its `state` (Cloud SQL, Memorystore) or its conditions (Cloud Run); what has neither is whole. */
export function resourceState(thing: ApiResponse): ResourceState {
  const state = typeof thing.state === "string" ? thing.state : "";
  if (coming.test(state)) return { is: "coming" };
  if (/^(PENDING_DELETE|DELETING|DELETE_REQUESTED)$/.test(state) || getString(thing, "deleteTime") !== "")
    return { is: "going" };
  if (state === "FAILED") return { is: "failed", why: "FAILED" };
  const ready = getPath(thing, "terminalCondition");
  if (getString(ready, "state") === "CONDITION_FAILED") return { is: "failed", why: getString(ready, "message") };
  if (thing.reconciling === true) return { is: "coming" };
  return { is: "whole" };
}

/** Whether it says that it is this deployment's. */
export const isOwned = (thing: ApiResponse, mark: string | null, deployment: string): boolean =>
  mark === null || getString(getPath(thing, mark), ownerLabels.deployment) === deployment;
