import { type Context, Hono } from "hono";
import type { DeploymentRow } from "../../src/data/store/deployments.ts";
import { appPagePath } from "../../src/deployments/to-json.ts";
import { blockedProblem } from "../../src/repositories/inspect-with-settings.ts";
import { note } from "../../src/result.ts";
import type { AppContext } from "../app-context.ts";
import { respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { newAccess } from "./access-state.ts";
import { isOwner } from "./owner-cookie.ts";
import { respondAccepted, respondNoDeployment, respondNotOwner } from "./respond.ts";

/** Retries a deployment from the failed step. */
export const retryRoutes = (context: AppContext) => {
  const { blocks, config, deployments } = context;
  return (
    new Hono()
      // A browser that restores its tabs requests the URL that the form was posted to.
      .get("/deployments/:id/retry", (c) => c.redirect(`/deployments/${encodeURIComponent(c.req.param("id"))}`, 303))

      .post("/deployments/:id/retry", limitBody, async (c) => {
        const id = c.req.param("id");
        const row = deployments.find(id);
        if (!row) return respondNoDeployment(c);
        if (!isOwner(c, context, id)) return respondNotOwner(c);
        const block = blocks.of(row.repo);
        if (block) return respondProblem(c, blockedProblem(row.app.source, block.reason));
        const { parseAccessBody } = await import("./create-body.ts");
        const access = newAccess(c, context, row, await parseAccessBody(c));
        if (row.state === "failed" && row.error?.lapsed && !access) return respondExpired(c, row);
        if (row.state !== "running" && !deployments.retry(id, access))
          return respondError(c, 409, "This deployment can't be retried", {
            message:
              row.state === "failed" ? "The answers of this deployment were deleted." : `Its state is ${row.state}.`,
            fix: `Start a new deployment at ${config.origin}${appPagePath(row)}.`,
          });
        return respondAccepted(c, context, id);
      })
  );
};

/** Sends a person to the deployment's page, which links to the cloud: the CSP forbids a form to redirect to another site. */
function respondExpired(c: Context, row: DeploymentRow) {
  if (!wantsJson(c)) return c.redirect(`/deployments/${row.id}`, 303);
  const { message = "", next: fix = "" } = row.error ?? {};
  return c.json({ problems: [note(message, { path: "access.token", fix })] }, 422);
}
