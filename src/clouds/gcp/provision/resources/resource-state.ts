import { ownerLabels } from "../../stack.ts";
import type { ApiResponse } from "../api/client.ts";
import { getPath, getString } from "../api/json-path.ts";

/** The state of an existing resource; the reason of a failure is Google's message. */
export type ResourceState =
  | { status: "creating" }
  | { status: "ready" }
  | { status: "failed"; reason: string }
  | { status: "deleting" };

const creatingStates = /^(PENDING_CREATE|CREATING|MAINTENANCE|PENDING|REPAIRING|UPDATING)$/;

/** Reads `state` (Cloud SQL, Memorystore) or the conditions (Cloud Run); a resource with neither is ready. */
export function resourceState(resource: ApiResponse): ResourceState {
  const state = typeof resource.state === "string" ? resource.state : "";
  if (creatingStates.test(state)) return { status: "creating" };
  if (/^(PENDING_DELETE|DELETING|DELETE_REQUESTED)$/.test(state) || getString(resource, "deleteTime") !== "")
    return { status: "deleting" };
  if (state === "FAILED") return { status: "failed", reason: "FAILED" };
  const readyCondition = getPath(resource, "terminalCondition");
  if (getString(readyCondition, "state") === "CONDITION_FAILED")
    return { status: "failed", reason: getString(readyCondition, "message") };
  if (resource.reconciling === true) return { status: "creating" };
  return { status: "ready" };
}

/** Whether the labels name this deployment. */
export const isOwned = (resource: ApiResponse, mark: string | null, deployment: string): boolean =>
  mark === null || getString(getPath(resource, mark), ownerLabels.deployment) === deployment;
