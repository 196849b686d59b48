import { Hono } from "hono";
import { nothingHere, refused } from "./answer.ts";
import { assetFiles } from "./assets.ts";
import { badges } from "./badges.ts";
import { configure } from "./configure.ts";
import { deployments } from "./deployments.ts";
import { events } from "./events.ts";
import { headers, ownHostOnly, ownOriginOnly } from "./guard.ts";
import { health } from "./health.ts";
import { home } from "./home.ts";
import { onDemand } from "./on-demand.ts";
import { openapi } from "./openapi.ts";
import { orders } from "./orders.ts";
import { pullRequest } from "./pull-request.ts";
import { pasted, repos } from "./repos.ts";
import type { Slipway } from "./slipway.ts";
import { charts, stats } from "./stats.ts";
import { studio } from "./studio.ts";

/** The whole of Slipway behind HTTP. */
export function createApp(slipway: Slipway) {
  const app = new Hono({ strict: false });
  app.onError((error, c) => {
    slipway.log(`${c.req.method} ${c.req.path} threw`, error);
    return refused(c, 500, "Slipway itself failed", {
      message: "This is our bug, not yours. It has been written to the log.",
      fix: "Try again in a moment. If it stays, tell whoever runs this Slipway.",
    });
  });
  app.notFound(nothingHere);
  // Before the headers of pages: an image and a stream need none of them, and are asked for a thousand times as often.
  app.route("/", badges(slipway));
  app.use(ownHostOnly(slipway.config.origin));
  app.route("/", events(slipway));
  app.route("/", charts(slipway));
  app.use(headers(), ownOriginOnly(slipway.config.origin));
  app.route("/", assetFiles());
  app.route("/", health(slipway));
  app.route("/", openapi(slipway));
  app.get(
    "/.well-known/*",
    onDemand(async () => {
      const { wellKnown } = await import("./well-known.ts");
      return wellKnown({ config: slipway.config, issuer: await slipway.issuer() });
    }),
  );
  app.get(
    "/connect/aws/*",
    onDemand(async () => (await import("./connect.ts")).connect(slipway)),
  );
  const signing = onDemand(async () => (await import("./sign-in.ts")).signIn(slipway));
  app.get("/account", signing).get("/sign-in", signing).get("/sign-in/callback", signing);
  app.post("/sign-out", signing).post("/sign-out/everywhere", signing);
  const lending = onDemand(async () => (await import("./consent.ts")).consent(slipway));
  app.get("/connect/:cloud/*", lending).post("/connect/:cloud/*", lending);
  const hooks = onDemand(async () => (await import("./webhooks.ts")).webhooks(slipway));
  app.all("/:host/:owner/:repo/webhooks", hooks).all("/:host/:owner/:repo/webhooks/*", hooks);
  const byHand = onDemand(async () => (await import("./by-hand.ts")).byHand(slipway));
  app.get("/:host/:owner/:repo/aws/command", byHand).get("/:host/:owner/:repo/aws/console", byHand);
  app.route("/", home(slipway));
  app.route("/", orders(slipway));
  app.route("/", deployments(slipway));
  app.route("/", pasted(slipway));
  app.route("/", stats(slipway));
  app.route("/", studio(slipway));
  app.route("/", pullRequest(slipway));
  app.route("/", repos(slipway));
  const operating = onDemand(async () => (await import("./operator.ts")).operator(slipway));
  app.get("/operator", operating).post("/operator/*", operating);
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/report",
    onDemand(async () => (await import("./report.ts")).report(slipway)),
  );
  app.on(
    ["GET", "POST"],
    "/:host/:owner/:repo/settings",
    onDemand(async () => (await import("./settings.ts")).settings(slipway)),
  );
  app.route("/", configure(slipway));
  return app;
}
