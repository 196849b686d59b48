import type { App } from "../app.ts";
import type { Db } from "../data/db.ts";
import { markTidied, reduceDeployment, unprunedDeployments } from "../data/store/deployments.ts";
import { deleteEvents } from "../data/store/events.ts";
import { clearSteps } from "../data/store/steps.ts";
import type { Plan } from "../plan.ts";

/** How long what a deployment said stays readable after its end. */
export const retentionMs = 30 * 24 * 60 * 60 * 1000;
const atOnce = 50;

/**
 * Clears out what nobody needs of deployments that ended long ago; says of how many. Of each the log goes; when it began
 * and how it ended stays. One that is there, or of which something may be left, keeps its ledger, app and plan, so that
 * it can be removed. Of a removed one only stays what its page says: what it was, where, and when.
 */
export function pruneDeployments(db: Db, now: Date): number {
  const old = unprunedDeployments(db, new Date(now.getTime() - retentionMs), atOnce);
  for (const row of old)
    db.transaction(() => {
      deleteEvents(db, row.id);
      if (row.state === "removed") {
        reduceDeployment(db, row.id, { app: bareApp(row.app), plan: barePlan(row.plan) });
        clearSteps(db, row.id);
      }
      markTidied(db, row.id, now);
    });
  return old.length;
}

const bareApp = (app: App): App => ({
  ...{ name: app.name, slug: app.slug, description: "", website: "", logo: app.logo, keywords: [] },
  ...{ source: app.source, read: [], build: app.build, services: [], jobs: [], resources: [], variables: [] },
  success: null,
});

const barePlan = (plan: Plan): Plan => ({ ...plan, lines: [], steps: [], stack: null });
