import { Hono } from "hono";
import type { AppContext } from "./app-context.ts";
import { badgeRoutes } from "./badges/badges.ts";
import { createDeploymentRoutes } from "./deployments/create.ts";
import { deploymentRoutes } from "./deployments/deployment.ts";
import { eventRoutes } from "./deployments/events.ts";
import { healthRoutes } from "./health.ts";
import { assetRoutes } from "./http/assets.ts";
import { lazyRoutes } from "./http/lazy-routes.ts";
import { respondError, respondNotFound } from "./http/respond.ts";
import { requireOwnHost, requireOwnOrigin, securityHeaders } from "./http/security.ts";
import { badgeStudioRoutes } from "./maintainers/badge-studio.ts";
import { pullRequestRoutes } from "./maintainers/pull-request.ts";
import { openApiRoutes } from "./openapi/openapi.ts";
import { configureRoutes } from "./repositories/configure.ts";
import { homeRoutes } from "./repositories/home.ts";
import { pastedUrlRedirects, repositoryRoutes } from "./repositories/repository.ts";
import { chartRoutes, statsRoutes } from "./stats/stats.ts";

/** Creates the HTTP application. */
export function createApp(context: AppContext) {
  const app = new Hono({ strict: false });
  app.onError((error, c) => {
    context.log(`${c.req.method} ${c.req.path} threw`, error);
    return respondError(c, 500, "Something went wrong in Slipway", {
      message: "This is a bug in Slipway. It was logged.",
      fix: "Try again in a moment. If it keeps happening, tell the operator of this server.",
    });
  });
  app.notFound(respondNotFound);
  // Before the security headers of pages: images and streams need none, and are requested a thousand times as often.
  app.route("/", badgeRoutes(context));
  app.use(requireOwnHost(context.config.origin));
  app.route("/", eventRoutes(context));
  app.route("/", chartRoutes(context));
  app.use(securityHeaders(), requireOwnOrigin(context.config.origin));
  app.route("/", assetRoutes());
  app.route("/", healthRoutes(context));
  app.route("/", openApiRoutes(context));
  app.get(
    "/.well-known/*",
    lazyRoutes(async () => {
      const { wellKnownRoutes } = await import("./identity/well-known.ts");
      return wellKnownRoutes({ config: context.config, issuer: await context.issuer() });
    }),
  );
  const signInPages = lazyRoutes(async () => (await import("./maintainers/sign-in.ts")).signInRoutes(context));
  app.get("/account", signInPages).get("/sign-in", signInPages).get("/sign-in/callback", signInPages);
  app.post("/sign-out", signInPages).post("/sign-out/everywhere", signInPages);
  const connectPages = lazyRoutes(async () => (await import("./access/connect.ts")).connectRoutes(context));
  app.get("/connect/:cloud/*", connectPages).post("/connect/:cloud/*", connectPages);
  const webhookPages = lazyRoutes(async () => (await import("./webhooks/webhooks.ts")).webhookRoutes(context));
  app.all("/:host/:owner/:repo/webhooks", webhookPages).all("/:host/:owner/:repo/webhooks/*", webhookPages);
  app.route("/", homeRoutes(context));
  app.route("/", createDeploymentRoutes(context));
  app.route("/", deploymentRoutes(context));
  app.route("/", pastedUrlRedirects(context));
  app.route("/", statsRoutes(context));
  app.route("/", badgeStudioRoutes(context));
  app.route("/", pullRequestRoutes(context));
  app.route("/", repositoryRoutes(context));
  const operatorPages = lazyRoutes(async () => (await import("./moderation/operator.ts")).operatorRoutes(context));
  app.get("/operator", operatorPages).post("/operator/*", operatorPages);
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/report",
    lazyRoutes(async () => (await import("./moderation/report.ts")).reportRoutes(context)),
  );
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/settings",
    lazyRoutes(async () => (await import("./maintainers/settings.ts")).settingsRoutes(context)),
  );
  app.route("/", configureRoutes(context));
  return app;
}
