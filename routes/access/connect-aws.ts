import { Hono } from "hono";
import { subjectOf, waysOf } from "../../src/clouds/aws/access/connect.ts";
import { bootstrapTemplate, lendingStack } from "../../src/clouds/aws/access/role-template.ts";
import type { Way, World } from "../../src/clouds/aws/dependencies.ts";
import { lendingCommand, quickCreate } from "../../src/clouds/aws/export/instructions.ts";
import { publish } from "../../src/clouds/aws/export/publish-template.ts";
import { operatorAccount } from "../../src/clouds/aws/provision/api/assume-role.ts";
import { refusalOf } from "../../src/clouds/aws/provision/api/error-advice.ts";
import { roleName } from "../../src/clouds/aws/role-names.ts";
import { Refusal } from "../../src/clouds/cloud.ts";
import { lendPage } from "../../views/access/connect-aws.ts";
import { assets } from "../http/assets.ts";
import { answer, refused } from "../http/respond.ts";
import { knownVisitor } from "./visitor-cookie.ts";

interface Needs {
  aws: World;
  /** The operator's bucket for templates that the console opens; null: there is none. */
  bucket: string | null;
  random: (bytes: number) => Uint8Array;
}

/** IAM is the same in every region. */
const region = "us-east-1";

/** How a visitor lends access to an AWS account: what it is, the template of the role, three ways to run it. */
export const connect = ({ aws, bucket, random }: Needs) => {
  const { origin } = aws;
  const ways = waysOf(aws);
  const wayOf = (wish: string | undefined): Way | undefined =>
    wish === undefined ? ways[0] : ways.find((way) => way === wish);

  async function templateOf(way: Way) {
    const operator = way === "role" ? await operatorAccount(aws, region) : undefined;
    return JSON.stringify(bootstrapTemplate({ way, origin, operator }), null, 2);
  }

  const app = new Hono()
    .get("/connect/aws", (c) => {
      const visitor = knownVisitor(c, { origin, random });
      const subject = subjectOf(aws, visitor);
      const offered = ways.map((way) => ({
        way,
        template: `${origin}/connect/aws/template?way=${way}`,
        command: lendingCommand(origin, way, subject),
        console: bucket && aws.keys ? `${origin}/connect/aws/console?way=${way}` : null,
      }));
      c.header("Cache-Control", "no-store");
      const told = { subject, role: roleName(subject), stack: lendingStack, ways: offered };
      return answer(
        c,
        () => ({ visitor, ...told }),
        () => lendPage({ assets, ...told, ways: offered.map(({ way, ...rest }) => ({ kind: way, ...rest })) }),
      );
    })
    .get("/connect/aws/template", async (c) => {
      const way = wayOf(c.req.query("way"));
      if (!way) return c.notFound();
      const text = await templateOf(way);
      c.header("Content-Disposition", `attachment; filename="${lendingStack}.json"`);
      return c.body(text, 200, { "Content-Type": "application/json; charset=utf-8" });
    })
    .get("/connect/aws/console", async (c) => {
      const way = wayOf(c.req.query("way"));
      if (!way || !bucket || !aws.keys) return c.notFound();
      const subject = subjectOf(aws, knownVisitor(c, { origin, random }));
      const templateUrl = await publish(aws, bucket, await templateOf(way));
      c.header("Cache-Control", "no-store");
      return c.redirect(
        quickCreate({ region, templateUrl, stackName: lendingStack, parameters: { Visitor: subject } }),
        303,
      );
    });
  app.onError((error, c) => {
    const refusal = refusalOf(error);
    if (!(refusal instanceof Refusal)) throw error;
    return refused(c, 502, "AWS does not help us just now", { message: refusal.message, fix: refusal.next });
  });
  return app;
};
