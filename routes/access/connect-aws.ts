import { Hono } from "hono";
import { oidcSubject, trustMethods } from "../../src/clouds/aws/access/connect.ts";
import { roleStackName, roleTemplate } from "../../src/clouds/aws/access/role-template.ts";
import type { Dependencies, TrustMethod } from "../../src/clouds/aws/dependencies.ts";
import { createRoleCommand, quickCreateUrl } from "../../src/clouds/aws/export/instructions.ts";
import { publishTemplate } from "../../src/clouds/aws/export/publish-template.ts";
import { operatorAccountId } from "../../src/clouds/aws/provision/api/assume-role.ts";
import { toOperationalError } from "../../src/clouds/aws/provision/api/error-advice.ts";
import { roleName } from "../../src/clouds/aws/role-names.ts";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { lendPage } from "../../views/access/connect-aws.ts";
import { assets } from "../http/assets.ts";
import { respond, respondError } from "../http/respond.ts";
import { getOrCreateVisitorKey } from "./visitor-cookie.ts";

interface Needs {
  aws: Dependencies;
  /** The operator's bucket for templates that the console opens; null: there is none. */
  bucket: string | null;
  random: (bytes: number) => Uint8Array;
}

/** IAM is the same in every region. */
const region = "us-east-1";

/** How a visitor lends access to an AWS account: what it is, the template of the role, three ways to run it. */
export const connect = ({ aws, bucket, random }: Needs) => {
  const { origin } = aws;
  const ways = trustMethods(aws);
  const wayOf = (wish: string | undefined): TrustMethod | undefined =>
    wish === undefined ? ways[0] : ways.find((way) => way === wish);

  async function templateOf(way: TrustMethod) {
    const operator = way === "role" ? await operatorAccountId(aws, region) : undefined;
    return JSON.stringify(roleTemplate({ trust: way, origin, operator }), null, 2);
  }

  const app = new Hono()
    .get("/connect/aws", (c) => {
      const visitor = getOrCreateVisitorKey(c, { origin, random });
      const subject = oidcSubject(aws, visitor);
      const offered = ways.map((way) => ({
        way,
        template: `${origin}/connect/aws/template?way=${way}`,
        command: createRoleCommand(origin, way, subject),
        console: bucket && aws.keys ? `${origin}/connect/aws/console?way=${way}` : null,
      }));
      c.header("Cache-Control", "no-store");
      const told = { subject, role: roleName(subject), stack: roleStackName, ways: offered };
      return respond(
        c,
        () => ({ visitor, ...told }),
        () => lendPage({ assets, ...told, ways: offered.map(({ way, ...rest }) => ({ kind: way, ...rest })) }),
      );
    })
    .get("/connect/aws/template", async (c) => {
      const way = wayOf(c.req.query("way"));
      if (!way) return c.notFound();
      const text = await templateOf(way);
      c.header("Content-Disposition", `attachment; filename="${roleStackName}.json"`);
      return c.body(text, 200, { "Content-Type": "application/json; charset=utf-8" });
    })
    .get("/connect/aws/console", async (c) => {
      const way = wayOf(c.req.query("way"));
      if (!way || !bucket || !aws.keys) return c.notFound();
      const subject = oidcSubject(aws, getOrCreateVisitorKey(c, { origin, random }));
      const templateUrl = await publishTemplate(aws, bucket, await templateOf(way));
      c.header("Cache-Control", "no-store");
      return c.redirect(
        quickCreateUrl({ region, templateUrl, stackName: roleStackName, parameters: { Visitor: subject } }),
        303,
      );
    });
  app.onError((error, c) => {
    const refusal = toOperationalError(error);
    if (!(refusal instanceof OperationalError)) throw error;
    return respondError(c, 502, "AWS does not help us just now", { message: refusal.message, fix: refusal.next });
  });
  return app;
};
