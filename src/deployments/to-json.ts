import { addressPath } from "../address.ts";
import type { Db } from "../data/db.ts";
import type { DeploymentRow } from "../data/store/deployments.ts";
import { stepsOf } from "../data/store/steps.ts";
import type { Deployment } from "../plan.ts";

/** Returns the JSON twin of a deployment. */
export const deploymentJson = (db: Db, row: DeploymentRow): Deployment => ({
  id: row.id,
  repo: row.repo,
  commit: row.commit,
  cloud: row.cloud,
  region: row.region,
  preset: row.preset,
  state: row.state,
  url: row.url,
  steps: stepsOf(db, row.id).map(({ name, title, state, since }) => ({
    name,
    title,
    state,
    since: since.toISOString(),
  })),
  error: row.error,
  created: row.created.toISOString(),
  finished: row.finished?.toISOString() ?? null,
});

/** Returns the path of the deployed app's page. */
export const appPagePath = (row: Pick<DeploymentRow, "app">) => addressPath(row.app.source);
