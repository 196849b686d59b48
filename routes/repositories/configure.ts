import { type Context, Hono } from "hono";
import { repositoryId } from "../../src/address.ts";
import type { App } from "../../src/app.ts";
import type { Cloud } from "../../src/clouds/cloud.ts";
import { offer } from "../../src/prices/offers.ts";
import { noteFor } from "../../src/settings.ts";
import type { AppContext } from "../app-context.ts";
import { respondForCloud } from "../http/cloud-response.ts";
import { respond } from "../http/respond.ts";
import { requestInfo } from "../stats/request-info.ts";
import { parseChoice, prefilledAccess, prefilledAnswers } from "./choice.ts";
import { renderConfigureForm } from "./configure-form.ts";
import { instructionsFor, planLocation } from "./instructions.ts";
import { loadRepository, requireApp } from "./load-repository.ts";
import { respondNotOffered } from "./not-offered.ts";

/** Serves an app on one cloud: the form to configure it, the cloud's document and the cloud's exports. */
export const configureRoutes = (context: AppContext) => {
  const { clouds, config, inspect, random, visits } = context;

  /** Returns what this URL names, the response to send instead, or null if there is no such cloud. */
  async function load(c: Context<object, "/:host/:owner/:repo/:cloud">) {
    const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
    if (!cloud) return null;
    const repository = await loadRepository(c, inspect);
    if (repository instanceof Response) return repository;
    const app = await requireApp(c, repository);
    if (app instanceof Response) return app;
    const choice = parseChoice(cloud, c.req.query(), repository.settings.preset);
    return respondNotOffered(c, repository, app, cloud) ?? { cloud, app, repository, choice };
  }

  return new Hono()
    .get("/:host/:owner/:repo/:cloud", async (c, next) => {
      const loaded = await load(c);
      if (loaded === null) return next();
      if (loaded instanceof Response) return loaded;
      const { app, cloud, choice, repository } = loaded;
      const { plan, remarks, isDeployable } = offer(cloud, app, choice);
      const { stack: _, steps: __, ...pricedPlan } = plan;
      const request = Buffer.from(random(16)).toString("base64url");
      const instructions = isDeployable ? await instructionsFor(cloud, repository, app, plan) : null;
      c.header("Cache-Control", "no-store");
      return respond(
        c,
        () => ({ app, plan: pricedPlan, remarks, note: noteFor(repository.settings, cloud.id) }),
        () => {
          // A visitor from another page of this site was counted there; a badge for one cloud links here directly.
          if (!c.req.header("referer")?.startsWith(`${config.origin}/`))
            visits.visit(repositoryId(repository.snapshot.address), requestInfo(c));
          return renderConfigureForm(c, context, repository, {
            app,
            cloud,
            choice,
            answers: prefilledAnswers(cloud.variables(app), c.req.query()),
            access: prefilledAccess(c.req.query()),
            problems: [],
            request,
            instructions,
          });
        },
      );
    })
    .get("/:host/:owner/:repo/:cloud/stack", async (c, next) => {
      const loaded = await load(c);
      if (loaded === null) return next();
      if (loaded instanceof Response) return loaded;
      const { app, cloud, choice, repository } = loaded;
      allowAnyOrigin(c, repository.address.host);
      return respondUnsupported(c, cloud, app) ?? c.json(cloud.compile(app, choice).stack as object);
    })
    .get("/:host/:owner/:repo/:cloud/:export", async (c, next) => {
      const route = clouds
        .find(({ id }) => id === c.req.param("cloud"))
        ?.exports?.find(({ path }) => path === c.req.param("export"));
      const loaded = route ? await load(c) : null;
      if (!route || loaded === null) return next();
      if (loaded instanceof Response) return loaded;
      const { app, choice, cloud, repository } = loaded;
      const unsupported = respondUnsupported(c, cloud, app);
      if (unsupported) return unsupported;
      const plan = cloud.compile(app, choice);
      allowAnyOrigin(c, repository.address.host);
      return respondForCloud(c, cloud, route.handle(app, plan, planLocation(cloud, repository, plan)));
    });
};

/** Responds with 422 if the cloud lacks something the app needs: nothing that would not run is handed out. */
function respondUnsupported(c: Context, cloud: Cloud, app: App): Response | null {
  const missing = cloud.support(app).filter(({ level }) => level === "missing");
  if (missing.length === 0) return null;
  return c.json({ problems: missing.map(({ level: _, ...problem }) => problem) }, 422);
}

/** Opens a response to other sites, except for folders of this machine, which are not public. */
function allowAnyOrigin(c: Context, host: string) {
  if (host !== "local") c.header("Access-Control-Allow-Origin", "*");
}
