import type { Context } from "hono";
import type { Access, Cloud } from "../../src/clouds/cloud.ts";
import type { DeploymentRow } from "../../src/data/store/deployments.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { getAccessCookie } from "../access/access-cookie.ts";
import { accessInput } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";

export const cloudOf = ({ clouds }: Pick<AppContext, "clouds">, row: DeploymentRow) =>
  clouds.find(({ id }) => id === row.cloud);

/** Returns access from the cookie or the request that can replace an expired one; undefined if it is the expired one. */
export function newAccess(
  c: Context,
  context: AppContext,
  row: DeploymentRow,
  fields: Record<string, unknown>,
): Access | undefined {
  const cloud = cloudOf(context, row);
  const access = cloud?.connect.refresh?.(accessInput(c, context, cloud, fields)) ?? undefined;
  return access && row.error?.lapsed && context.deployments.isStoredAccess(row, access) ? undefined : access;
}

/** Returns the link to reconnect an account whose access has expired, and the account if this browser has reconnected it. */
export function reconnectOptions(c: Context, context: AppContext, row: DeploymentRow) {
  if (!cloudOf(context, row)?.connect.consent || !row.error?.lapsed) return undefined;
  const to = `/deployments/${row.id}${context.deployments.wasRemoval(row) ? "/removal" : ""}`;
  return {
    connect: `/connect/${row.cloud}?${new URLSearchParams({ to })}`,
    account: newAccess(c, context, row, {}) ? (getAccessCookie(c, context, row.cloud)?.account ?? null) : null,
  };
}

/** Returns the cloud that needs new access for a removal, because the stored one was wiped or failed; otherwise undefined. */
export function cloudNeedingAccess(context: AppContext, row: DeploymentRow): Cloud | undefined {
  const cloud = cloudOf(context, row);
  const hasEnded = row.state === "succeeded" || row.state === "failed";
  const isUnusable = row.sealed === null || context.deployments.wasRemoval(row) || row.error?.lapsed;
  const hasResources = stepsOf(context.db, row.id).some(({ state }) => state !== "waiting" && state !== "removed");
  return hasEnded && isUnusable && hasResources && cloud?.connect.fields?.length ? cloud : undefined;
}

/** Returns where in the account the app is, according to the ledger; empty if unknown. */
export function accountLocation({ db }: Pick<AppContext, "db">, row: DeploymentRow): Record<string, string> {
  const step = stepsOf(db, row.id).find(({ data }) => typeof data.project === "string");
  return step ? { project: String(step.data.project) } : {};
}
