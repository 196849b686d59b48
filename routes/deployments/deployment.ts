import { type Context, Hono } from "hono";
import type { Access, Cloud } from "../../src/clouds/cloud.ts";
import type { DeploymentRow } from "../../src/data/store/deployments.ts";
import { lastEventId, lastLines } from "../../src/data/store/events.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { attributeFault } from "../../src/deployments/failure-reasons.ts";
import { retryWindowMs } from "../../src/deployments/lifecycle.ts";
import { appPagePath, deploymentJson } from "../../src/deployments/to-json.ts";
import { blockedProblem } from "../../src/repositories/inspect-with-settings.ts";
import { type Note, note } from "../../src/result.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import { removalPage } from "../../views/deployments/removal.ts";
import { getAccessCookie } from "../access/access-cookie.ts";
import { accessForm, accessInput } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummaryById } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { respond, respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { isOwner } from "./owner-cookie.ts";

const shownLines = 500;

/** The page of a deployment, and what can be done with it. */
export const deploymentRoutes = (context: AppContext) => {
  const { blocks, config, db, clouds, deployments, now } = context;
  const cloudOf = (row: DeploymentRow) => clouds.find(({ id }) => id === row.cloud);
  const missing = (c: Context) =>
    respondError(c, 404, "Deployment not found", {
      message: "The link is incomplete or the deployment doesn't exist.",
      fix: "The link was shown when the deployment started and ends in 26 letters and digits.",
    });

  const notYours = (c: Context) =>
    respondError(c, 403, "This was started in another browser", {
      message: "Everyone with this link can view the deployment. Only the browser that started it can change it.",
      fix: "Open this address there. A program sends the key it got at the start, as `Authorization: Bearer KEY`.",
    });

  return (
    new Hono()
      .get("/deployments/:id", (c) => {
        const row = deployments.find(c.req.param("id"));
        if (!row) return missing(c);
        c.header("Cache-Control", "no-store");
        return respond(
          c,
          () => deploymentJson(db, row),
          () => {
            // The id first: what is said while the page is being made is then told again, never left out.
            const lastEvent = lastEventId(db, row.id);
            return deploymentPage({
              ...told(row),
              log: lastLines(db, row.id, shownLines),
              lastEvent,
              notes: deployments.canRetry(row)
                ? [cloudOf(row)?.words.keptAfterFailure ?? "We kept your answers, so you can retry."]
                : [],
              fault: row.error ? attributeFault(row.error, cloudOf(row), row.app) : undefined,
              wasRemoval: deployments.wasRemoval(row),
              canRetry: deployments.canRetry(row),
              needsAccess: lacking(row) !== undefined,
              reconnect: again(c, row),
              retryUntil: row.finished ? new Date(row.finished.getTime() + retryWindowMs).toISOString() : null,
              now: now(),
            });
          },
        );
      })

      // A browser that restores its tabs asks again for where a form has led.
      .get("/deployments/:id/retry", (c) => c.redirect(`/deployments/${encodeURIComponent(c.req.param("id"))}`, 303))

      .get("/deployments/:id/removal", async (c) => {
        const row = deployments.find(c.req.param("id"));
        if (!row) return missing(c);
        if (row.state === "removing" || row.state === "removed") return c.redirect(`/deployments/${row.id}`, 303);
        c.header("Cache-Control", "no-store");
        return c.html(await removal(c, row, {}, []));
      })

      .post("/deployments/:id/removal", limitBody, async (c) => {
        const id = c.req.param("id");
        const row = deployments.find(id);
        if (!row) return missing(c);
        if (!isOwner(c, context, id)) return notYours(c);
        const lender = lacking(row);
        if (!lender) {
          deployments.remove(id);
          return done(c, id);
        }
        const { parseAccessBody: readLent } = await import("./create-body.ts");
        const lent = await readLent(c);
        const access = lender.connect.parse(accessInput(c, context, lender, { ...placeOf(row), ...lent }));
        if (access.ok) {
          deployments.remove(id, access.value);
          return done(c, id);
        }
        if (wantsJson(c)) return c.json({ problems: access.problems }, 422);
        return c.html(await removal(c, row, lent, access.problems), 422);
      })

      .post("/deployments/:id/retry", limitBody, async (c) => {
        const id = c.req.param("id");
        const row = deployments.find(id);
        if (!row) return missing(c);
        if (!isOwner(c, context, id)) return notYours(c);
        const block = blocks.of(row.repo);
        if (block) return respondProblem(c, blockedProblem(row.app.source, block.reason));
        const { parseAccessBody: readLent } = await import("./create-body.ts");
        const anew = renewed(c, row, await readLent(c));
        if (row.state === "failed" && row.error?.lapsed && !anew) return lapsed(c, row);
        if (row.state !== "running" && !deployments.retry(id, anew))
          return respondError(c, 409, "This deployment can't be retried", {
            message:
              row.state === "failed" ? "The answers of this deployment were deleted." : `Its state is ${row.state}.`,
            fix: `Start a new deployment at ${config.origin}${appPagePath(row)}.`,
          });
        return done(c, id);
      })
  );

  /** What was lent anew, in this browser or by what was sent; what has lapsed already is nothing new. */
  function renewed(c: Context, row: DeploymentRow, sent: Record<string, unknown>): Access | undefined {
    const cloud = cloudOf(row);
    const anew = cloud?.connect.refresh?.(accessInput(c, context, cloud, sent)) ?? undefined;
    return anew && row.error?.lapsed && deployments.isStoredAccess(row, anew) ? undefined : anew;
  }

  /** Of a deployment whose access has lapsed: where it is lent anew, and by whom it was, if it was in this browser. */
  function again(c: Context, row: DeploymentRow) {
    const consent = cloudOf(row)?.connect.consent;
    if (!consent || !row.error?.lapsed) return undefined;
    const to = `/deployments/${row.id}${deployments.wasRemoval(row) ? "/removal" : ""}`;
    return {
      connect: `/connect/${row.cloud}?${new URLSearchParams({ to })}`,
      account: renewed(c, row, {}) ? (getAccessCookie(c, context, row.cloud)?.who ?? null) : null,
    };
  }

  /** A form must not lead to another site, so the page does. */
  function lapsed(c: Context, row: DeploymentRow) {
    if (!wantsJson(c)) return c.redirect(`/deployments/${row.id}`, 303);
    const { message = "", next: fix = "" } = row.error ?? {};
    return c.json({ problems: [note(message, { path: "access.token", fix })] }, 422);
  }

  /** What every page about a deployment is told. */
  function told(row: DeploymentRow) {
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

  /** The cloud that access has to be lent to once more for a removal: what was lent is wiped, or did not do. */
  function lacking(row: DeploymentRow): Cloud | undefined {
    const cloud = cloudOf(row);
    const isAtRest = row.state === "succeeded" || row.state === "failed";
    const isGone = isAtRest && (row.sealed === null || deployments.wasRemoval(row) || row.error?.lapsed);
    const isThere = stepsOf(db, row.id).some(({ state }) => state !== "waiting" && state !== "removed");
    return isGone && isThere && cloud?.connect.fields?.length ? cloud : undefined;
  }

  /** Where in the account it is, as far as the ledger says. */
  function placeOf(row: DeploymentRow): Record<string, string> {
    const known = stepsOf(db, row.id).find(({ data }) => typeof data.project === "string");
    return known ? { project: String(known.data.project) } : {};
  }

  async function removal(c: Context, row: DeploymentRow, typed: Record<string, unknown>, problems: Note[]) {
    const cloud = lacking(row);
    const place = placeOf(row);
    const to = `/deployments/${row.id}/removal`;
    const lapsed = row.error?.lapsed === true && !renewed(c, row, {});
    const lent = { ...place, ...typed };
    const found = cloud && (await accessForm(c, context, cloud, { lent, problems, to, lapsed }));
    // What is known need not be asked.
    const lender = found && place.project ? { ...found, fields: [] } : found;
    const fields = lender?.fields ?? [];
    const problem = problems.find(({ path }) => !fields.some(({ name }) => path === `access.${name}`))?.message ?? null;
    const lend = lender && { ...lender, problem };
    return removalPage({
      ...told(row),
      where: cloud ? place.project : undefined,
      running: row.state === "running",
      ...(lend ? { access: lend } : {}),
    });
  }

  function done(c: Context, id: string) {
    const row = deployments.find(id);
    return wantsJson(c) && row ? c.json(deploymentJson(db, row), 202) : c.redirect(`/deployments/${id}`, 303);
  }
};
