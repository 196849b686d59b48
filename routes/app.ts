import { Hono } from "hono";
import type { AppContext } from "./app-context.ts";
import { badges } from "./badges/badges.ts";
import { createDeploymentRoutes } from "./deployments/create.ts";
import { deployments } from "./deployments/deployment.ts";
import { events } from "./deployments/events.ts";
import { health } from "./health.ts";
import { assetFiles } from "./http/assets.ts";
import { lazyRoutes } from "./http/lazy-routes.ts";
import { respondError, respondNotFound } from "./http/respond.ts";
import { requireOwnHost, requireOwnOrigin, securityHeaders } from "./http/security.ts";
import { studio } from "./maintainers/badge-studio.ts";
import { pullRequest } from "./maintainers/pull-request.ts";
import { openapi } from "./openapi/openapi.ts";
import { configure } from "./repositories/configure.ts";
import { home } from "./repositories/home.ts";
import { pastedUrlRedirects, repositoryRoutes } from "./repositories/repository.ts";
import { chartRoutes, stats } from "./stats/stats.ts";

/** The whole of Slipway behind HTTP. */
export function createApp(slipway: AppContext) {
  const app = new Hono({ strict: false });
  app.onError((error, c) => {
    slipway.log(`${c.req.method} ${c.req.path} threw`, error);
    return respondError(c, 500, "Slipway itself failed", {
      message: "This is our bug, not yours. It has been written to the log.",
      fix: "Try again in a moment. If it stays, tell whoever runs this Slipway.",
    });
  });
  app.notFound(respondNotFound);
  // Before the headers of pages: an image and a stream need none of them, and are asked for a thousand times as often.
  app.route("/", badges(slipway));
  app.use(requireOwnHost(slipway.config.origin));
  app.route("/", events(slipway));
  app.route("/", chartRoutes(slipway));
  app.use(securityHeaders(), requireOwnOrigin(slipway.config.origin));
  app.route("/", assetFiles());
  app.route("/", health(slipway));
  app.route("/", openapi(slipway));
  app.get(
    "/.well-known/*",
    lazyRoutes(async () => {
      const { wellKnown } = await import("./identity/well-known.ts");
      return wellKnown({ config: slipway.config, issuer: await slipway.issuer() });
    }),
  );
  const signing = lazyRoutes(async () => (await import("./maintainers/sign-in.ts")).signIn(slipway));
  app.get("/account", signing).get("/sign-in", signing).get("/sign-in/callback", signing);
  app.post("/sign-out", signing).post("/sign-out/everywhere", signing);
  const connecting = lazyRoutes(async () => (await import("./access/connect.ts")).connect(slipway));
  app.get("/connect/:cloud/*", connecting).post("/connect/:cloud/*", connecting);
  const hooks = lazyRoutes(async () => (await import("./webhooks/webhooks.ts")).webhooks(slipway));
  app.all("/:host/:owner/:repo/webhooks", hooks).all("/:host/:owner/:repo/webhooks/*", hooks);
  app.route("/", home(slipway));
  app.route("/", createDeploymentRoutes(slipway));
  app.route("/", deployments(slipway));
  app.route("/", pastedUrlRedirects(slipway));
  app.route("/", stats(slipway));
  app.route("/", studio(slipway));
  app.route("/", pullRequest(slipway));
  app.route("/", repositoryRoutes(slipway));
  const operating = lazyRoutes(async () => (await import("./moderation/operator.ts")).operator(slipway));
  app.get("/operator", operating).post("/operator/*", operating);
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/report",
    lazyRoutes(async () => (await import("./moderation/report.ts")).report(slipway)),
  );
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/settings",
    lazyRoutes(async () => (await import("./maintainers/settings.ts")).settings(slipway)),
  );
  app.route("/", configure(slipway));
  return app;
}
