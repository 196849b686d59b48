import type { App } from "../app.ts";
import type { Db } from "../data/db.ts";
import { markTidied, reduceDeployment, unprunedDeployments } from "../data/store/deployments.ts";
import { deleteEvents } from "../data/store/events.ts";
import { clearSteps } from "../data/store/steps.ts";
import type { Plan } from "../plan.ts";

/** How long a deployment's events are kept after its end. */
export const retentionMs = 30 * 24 * 60 * 60 * 1000;
const batchSize = 50;

/**
 * Prunes deployments that ended before the retention period; returns how many. Their log is deleted; start and outcome
 * stay. A deployment that may still have resources keeps its ledger, app and plan, so that it can be removed. A removed
 * one keeps only what its page shows.
 */
export function pruneDeployments(db: Db, now: Date): number {
  const expired = unprunedDeployments(db, new Date(now.getTime() - retentionMs), batchSize);
  for (const row of expired)
    db.transaction(() => {
      deleteEvents(db, row.id);
      if (row.state === "removed") {
        reduceDeployment(db, row.id, { app: minimalApp(row.app), plan: minimalPlan(row.plan) });
        clearSteps(db, row.id);
      }
      markTidied(db, row.id, now);
    });
  return expired.length;
}

const minimalApp = (app: App): App => ({
  ...{ name: app.name, slug: app.slug, description: "", website: "", logo: app.logo, keywords: [] },
  ...{ source: app.source, read: [], build: app.build, services: [], jobs: [], resources: [], variables: [] },
  success: null,
});

const minimalPlan = (plan: Plan): Plan => ({ ...plan, lines: [], steps: [], stack: null });
