import { type Context, Hono } from "hono";
import { prefix } from "../../src/clouds/aws/cloudformation.ts";
import type { Dependencies } from "../../src/clouds/aws/dependencies.ts";
import { quickCreateUrl } from "../../src/clouds/aws/export/instructions.ts";
import { publishTemplate } from "../../src/clouds/aws/export/publish-template.ts";
import { toOperationalError } from "../../src/clouds/aws/provision/api/error-advice.ts";
import { OperationalError } from "../../src/clouds/cloud.ts";
import type { AppContext } from "../app-context.ts";
import { respondError } from "../http/respond.ts";
import { parseChoice } from "./configure.ts";
import { withoutUs } from "./instructions.ts";
import { loadRepository, requireApp } from "./load-repository.ts";
import { respondNotOffered } from "./not-offered.ts";

interface Needs extends Pick<AppContext, "clouds" | "lookAt"> {
  aws: Dependencies;
  /** The operator's bucket for templates that the console opens; null: there is none. */
  bucket: string | null;
}

/** An app's stack for a visitor who lends us nothing: a command for CloudShell, or the console with all filled in. */
export const awsInstructions = ({ aws, bucket, clouds, lookAt }: Needs) => {
  async function chosen(c: Context) {
    const cloud = clouds.find(({ id }) => id === "aws");
    if (!cloud) return c.notFound();
    const found = await loadRepository(c, lookAt);
    if (found instanceof Response) return found;
    const app = await requireApp(c, found);
    if (app instanceof Response) return app;
    const choice = parseChoice(cloud, c.req.query(), found.settings.preset);
    return respondNotOffered(c, found, app, cloud) ?? { app, plan: cloud.compile(app, choice), found };
  }

  const routes = new Hono()
    .get("/:host/:owner/:repo/aws/command", async (c) => {
      const picked = await chosen(c);
      if (picked instanceof Response) return picked;
      const { app, plan, found } = picked;
      const { byHand } = await import("../../src/clouds/aws/export/instructions.ts");
      const without = await withoutUs(
        { id: "aws", instructions: async (...of) => byHand({ ...aws, templatesBucket: bucket }, ...of) },
        found,
        app,
        plan,
      );
      if (found.address.host !== "local") c.header("Access-Control-Allow-Origin", "*");
      return c.text(`${without?.command}\n`);
    })
    .get("/:host/:owner/:repo/aws/console", async (c) => {
      if (!bucket || !aws.keys) return c.notFound();
      const picked = await chosen(c);
      if (picked instanceof Response) return picked;
      const { app, plan } = picked;
      const templateUrl = await publishTemplate(aws, bucket, JSON.stringify(plan.stack));
      const stackName = `${prefix}${app.slug}`;
      return c.redirect(quickCreateUrl({ region: plan.region, templateUrl, stackName, parameters: {} }), 303);
    });
  routes.onError((error, c) => {
    const refusal = toOperationalError(error);
    if (!(refusal instanceof OperationalError)) throw error;
    return respondError(c, 502, "AWS does not help us just now", { message: refusal.message, fix: refusal.next });
  });
  return routes;
};
