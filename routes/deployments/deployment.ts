import { Hono } from "hono";
import { lastEventId, lastLines } from "../../src/data/store/events.ts";
import { attributeFault } from "../../src/deployments/failure-reasons.ts";
import { retryWindowMs } from "../../src/deployments/lifecycle.ts";
import { deploymentJson } from "../../src/deployments/to-json.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import type { AppContext } from "../app-context.ts";
import { respond } from "../http/respond.ts";
import { cloudNeedingAccess, cloudOf, reconnectOptions } from "./access-state.ts";
import { removalRoutes } from "./removal.ts";
import { deploymentPageData, respondNoDeployment } from "./respond.ts";
import { retryRoutes } from "./retry.ts";

const maxLogLines = 500;

/** Serves the page of a deployment, its removal and its retry. */
export const deploymentRoutes = (context: AppContext) => {
  const { db, deployments, now } = context;
  return new Hono()
    .get("/deployments/:id", (c) => {
      const row = deployments.find(c.req.param("id"));
      if (!row) return respondNoDeployment(c);
      c.header("Cache-Control", "no-store");
      return respond(
        c,
        () => deploymentJson(db, row),
        () => {
          // Read before the log: an event that arrives in between is sent again instead of being lost.
          const lastEvent = lastEventId(db, row.id);
          const cloud = cloudOf(context, row);
          const canRetry = deployments.canRetry(row);
          return deploymentPage({
            ...deploymentPageData(context, row),
            log: lastLines(db, row.id, maxLogLines),
            lastEvent,
            notes: canRetry ? [cloud?.words.keptAfterFailure ?? "We kept your answers, so you can retry."] : [],
            fault: row.error ? attributeFault(row.error, cloud, row.app) : undefined,
            wasRemoval: deployments.wasRemoval(row),
            canRetry,
            needsAccess: cloudNeedingAccess(context, row) !== undefined,
            reconnect: reconnectOptions(c, context, row),
            retryUntil: row.finished ? new Date(row.finished.getTime() + retryWindowMs).toISOString() : null,
            now: now(),
          });
        },
      );
    })
    .route("/", retryRoutes(context))
    .route("/", removalRoutes(context));
};
