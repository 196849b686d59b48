import type { LedgerData } from "../../clouds/cloud.ts";
import type { StepState } from "../../plan.ts";
import type { Db } from "../db.ts";
import { and, asc, eq, sql } from "../drizzle.ts";
import { steps } from "../schema.ts";

export const stepsOf = (db: Db, deployment: string) =>
  db.select().from(steps).where(eq(steps.deployment, deployment)).orderBy(asc(steps.position)).all();

export const insertSteps = (db: Db, deployment: string, planned: { name: string; title: string }[], since: Date) =>
  planned.forEach((step, position) => {
    db.insert(steps)
      .values({ ...step, deployment, position, state: "waiting", data: {}, since })
      .run();
  });

/** Stores a step's state; a step that is not in the plan is appended. */
export function writeStep(
  db: Db,
  deployment: string,
  change: { name: string; state: StepState; message?: string; data: LedgerData; since: Date },
) {
  const { name, ...set } = change;
  const began = change.state === "running" ? change.since : undefined;
  db.insert(steps)
    .values({
      ...change,
      began,
      deployment,
      title: name,
      position: sql`(SELECT coalesce(max(position) + 1, 0) FROM steps WHERE deployment = ${deployment})`,
    })
    .onConflictDoUpdate({
      target: [steps.deployment, steps.name],
      set: { ...set, began: began ? sql`coalesce(began, ${began.getTime()})` : undefined },
    })
    .run();
}

export const writeStepData = (db: Db, deployment: string, name: string, data: LedgerData) =>
  db
    .update(steps)
    .set({ data })
    .where(and(eq(steps.deployment, deployment), eq(steps.name, name)))
    .run();

/** Resets failed steps to waiting before a retry; finished steps stay. */
export const resetFailedSteps = (db: Db, deployment: string, since: Date) =>
  db
    .update(steps)
    .set({ state: "waiting", message: "", since, began: null })
    .where(and(eq(steps.deployment, deployment), eq(steps.state, "failed")))
    .run();

/** Clears the ledger data and messages of a deployment whose resources are gone. */
export const clearSteps = (db: Db, deployment: string) =>
  db.update(steps).set({ data: {}, message: "" }).where(eq(steps.deployment, deployment)).run();
