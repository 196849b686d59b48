import type { DeploymentState, Failure } from "../../plan.ts";
import type { Db } from "../db.ts";
import { and, asc, eq, inArray, isNotNull, isNull, lt } from "../drizzle.ts";
import { deployments } from "../schema.ts";

export type DeploymentRow = typeof deployments.$inferSelect;

export const insertDeployment = (db: Db, row: typeof deployments.$inferInsert) =>
  db.insert(deployments).values(row).run();

export const findDeployment = (db: Db, id: string) => db.select().from(deployments).where(eq(deployments.id, id)).get();

export const deploymentOfRequest = (db: Db, request: string) =>
  db.select({ id: deployments.id }).from(deployments).where(eq(deployments.request, request)).get();

/** Returns the deployments to resume after a start or crash. */
export const unfinishedDeployments = (db: Db) =>
  db
    .select({ id: deployments.id, state: deployments.state })
    .from(deployments)
    .where(inArray(deployments.state, ["running", "removing"]))
    .all();

/** Returns failed deployments whose answers, kept for a retry, have expired. */
export const expiredFailures = (db: Db, before: Date) =>
  db
    .select({ id: deployments.id, cloud: deployments.cloud })
    .from(deployments)
    .where(and(eq(deployments.state, "failed"), isNotNull(deployments.sealed), lt(deployments.finished, before)))
    .all();

export const setState = (
  db: Db,
  id: string,
  change: {
    state: DeploymentState;
    url?: string | null;
    error?: Failure | null;
    finished?: Date | null;
    sealed?: string | null;
    reason?: string | null;
  },
) =>
  db
    .update(deployments)
    .set({ ...change, tidied: null })
    .where(eq(deployments.id, id))
    .run();

export const wipeSealed = (db: Db, id: string) =>
  db.update(deployments).set({ sealed: null }).where(eq(deployments.id, id)).run();

/** Returns deployments that finished before a date and are not pruned yet, oldest first. */
export const unprunedDeployments = (db: Db, before: Date, limit: number) =>
  db
    .select({ id: deployments.id, state: deployments.state, app: deployments.app, plan: deployments.plan })
    .from(deployments)
    .where(and(isNull(deployments.tidied), lt(deployments.finished, before)))
    .orderBy(asc(deployments.finished))
    .limit(limit)
    .all();

export const reduceDeployment = (db: Db, id: string, to: Pick<DeploymentRow, "app" | "plan">) =>
  db.update(deployments).set(to).where(eq(deployments.id, id)).run();

export const markTidied = (db: Db, id: string, at: Date) =>
  db.update(deployments).set({ tidied: at }).where(eq(deployments.id, id)).run();
