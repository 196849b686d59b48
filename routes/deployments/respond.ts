import type { Context } from "hono";
import type { DeploymentRow } from "../../src/data/store/deployments.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { appPagePath, deploymentJson } from "../../src/deployments/to-json.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummaryById } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { respondError, wantsJson } from "../http/respond.ts";

/** Returns the data that every page about a deployment shows. */
export function deploymentPageData({ clouds, db, now }: AppContext, row: DeploymentRow) {
  const end = row.finished ?? now();
  return {
    assets,
    deployment: deploymentJson(db, row),
    app: { name: row.app.name, logo: row.app.logo, path: appPagePath(row) },
    cloud: cloudSummaryById(clouds, row.cloud),
    steps: stepsOf(db, row.id).map(({ name, title, state, message, began, since }) => {
      const until = state === "running" ? end : since;
      return { name, title, state, message, elapsed: began ? Math.max(0, until.getTime() - began.getTime()) : null };
    }),
  };
}

/** Responds to an accepted retry or removal: 202 with the deployment, or a redirect to its page. */
export function respondAccepted(c: Context, { db, deployments }: AppContext, id: string) {
  const row = deployments.find(id);
  return wantsJson(c) && row ? c.json(deploymentJson(db, row), 202) : c.redirect(`/deployments/${id}`, 303);
}

export const respondNoDeployment = (c: Context) =>
  respondError(c, 404, "Deployment not found", {
    message: "The link is incomplete or the deployment doesn't exist.",
    fix: "The link was shown when the deployment started and ends in 26 letters and digits.",
  });

export const respondNotOwner = (c: Context) =>
  respondError(c, 403, "This was started in another browser", {
    message: "Everyone with this link can view the deployment. Only the browser that started it can change it.",
    fix: "Open this address there. A program sends the key it got at the start, as `Authorization: Bearer KEY`.",
  });
