import { type Context, Hono } from "hono";
import type { DeploymentRow } from "../../src/data/store/deployments.ts";
import type { Note } from "../../src/result.ts";
import { removalPage } from "../../views/deployments/removal.ts";
import { accessForm, accessInput } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { accountLocation, cloudNeedingAccess, newAccess } from "./access-state.ts";
import { isOwner } from "./owner-cookie.ts";
import { deploymentPageData, respondAccepted, respondNoDeployment, respondNotOwner } from "./respond.ts";

/** Deletes everything a deployment created, after a confirmation. */
export const removalRoutes = (context: AppContext) => {
  const { deployments } = context;
  return new Hono()
    .get("/deployments/:id/removal", async (c) => {
      const row = deployments.find(c.req.param("id"));
      if (!row) return respondNoDeployment(c);
      if (row.state === "removing" || row.state === "removed") return c.redirect(`/deployments/${row.id}`, 303);
      c.header("Cache-Control", "no-store");
      return c.html(await renderRemoval(c, context, row, {}, []));
    })

    .post("/deployments/:id/removal", limitBody, async (c) => {
      const id = c.req.param("id");
      const row = deployments.find(id);
      if (!row) return respondNoDeployment(c);
      if (!isOwner(c, context, id)) return respondNotOwner(c);
      const cloud = cloudNeedingAccess(context, row);
      if (!cloud) {
        deployments.remove(id);
        return respondAccepted(c, context, id);
      }
      const { parseAccessBody } = await import("./create-body.ts");
      const fields = await parseAccessBody(c);
      const input = accessInput(c, context, cloud, { ...accountLocation(context, row), ...fields });
      const access = cloud.connect.parse(input);
      if (access.ok) {
        deployments.remove(id, access.value);
        return respondAccepted(c, context, id);
      }
      if (wantsJson(c)) return c.json({ problems: access.problems }, 422);
      return c.html(await renderRemoval(c, context, row, fields, access.problems), 422);
    });
};

async function renderRemoval(
  c: Context,
  context: AppContext,
  row: DeploymentRow,
  fields: Record<string, unknown>,
  problems: Note[],
) {
  const cloud = cloudNeedingAccess(context, row);
  const location = accountLocation(context, row);
  const form =
    cloud &&
    (await accessForm(c, context, cloud, {
      input: { ...location, ...fields },
      problems,
      returnPath: `/deployments/${row.id}/removal`,
      isExpired: row.error?.lapsed === true && !newAccess(c, context, row, {}),
    }));
  // A location that the ledger knows is not asked for.
  const access = form && location.project ? { ...form, fields: [] } : form;
  const shownFields = access?.fields ?? [];
  const otherProblem = problems.find(({ path }) => !shownFields.some(({ name }) => path === `access.${name}`));
  return removalPage({
    ...deploymentPageData(context, row),
    where: cloud ? location.project : undefined,
    running: row.state === "running",
    ...(access ? { access: { ...access, problem: otherProblem?.message ?? null } } : {}),
  });
}
