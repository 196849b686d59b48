import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { wellKnownRoutes } from "../../../routes/identity/well-known.ts";
import { oidcSubject } from "../../../src/clouds/aws/access/connect.ts";
import { type RoleTemplateInputs, roleTemplate } from "../../../src/clouds/aws/access/role-template.ts";
import type { Dependencies, TrustMethod } from "../../../src/clouds/aws/dependencies.ts";
import { roleStackName } from "../../../src/clouds/aws/role-names.ts";
import type { Access, Cloud } from "../../../src/clouds/cloud.ts";
import type { Db } from "../../../src/data/db.ts";
import { createIssuer } from "../../../src/identity/oidc-issuer.ts";
import { createSeal } from "../../../src/identity/seal.ts";
import { anApp, aVariable } from "../../harness/apps.ts";
import { asProbe } from "../../harness/as-probe.ts";
import { createTestDeployments, testMark, testWords } from "../../harness/scripted-cloud.ts";
import { fakeAws } from "./aws.ts";
import { cloudEffects } from "./effects.ts";
import { aTemplate, awsPlan } from "./stack.ts";

export const origin = "https://slipway.example";
export const visitorAccount = "111122223333";
export const operatorAccount = "999988887777";
export const typedSecret = "correct-horse-battery-staple";
const visitorKey = "abcdefghijklmnopqrstuvwxyz";

/** The virtual clock of a test. Sleeping advances it faster than requested, so that long waits end. */
const speedup = 6;
export function clock(start = Date.parse("2026-11-22T12:00:00Z")) {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
    async sleep(milliseconds: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      time += milliseconds * speedup;
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

interface TestAwsOptions {
  time?: ReturnType<typeof clock>;
  /** Clock milliseconds per second of work in AWS. */
  pace?: number;
  /** Whether the operator has an AWS account of its own. */
  operator?: boolean;
  /** The status with which the app responds. */
  answers?: () => number;
}

/** A Slipway, a fake AWS, and the accounts of a visitor and an operator. No access is granted yet. */
export async function createTestAws({
  operator = false,
  answers = () => 200,
  time = clock(),
  pace,
}: TestAwsOptions = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "slipway-aws-"));
  let ids = 0;
  const keys = createIssuer({ origin, dataDir, now: () => new Date(time.now()), newId: () => `id${++ids}` });
  const wellKnown = wellKnownRoutes({ config: { origin }, issuer: keys });
  const fetchUrl = (async (url: string) =>
    url.startsWith(origin) ? wellKnown.request(url) : new Response(null, { status: answers() })) as typeof fetch;
  const aws = await fakeAws({ now: time.now, fetch: fetchUrl, pace });
  const visitor = aws.account(visitorAccount);
  const operatorAws = aws.account(operatorAccount);
  const dependencies: Dependencies = {
    origin,
    endpoint: aws.endpoint,
    keys: operator ? operatorAws.keys : null,
    signIdToken: keys.signToken,
    deriveSecret: (text) => createSeal("a secret of more than thirty-two letters").derive("aws", text),
    probe: asProbe(fetchUrl),
    now: () => new Date(time.now()),
    sleep: time.sleep,
  };
  const cloud: Cloud = {
    id: "aws",
    name: "Amazon Web Services",
    mark: testMark,
    words: testWords("AWS"),
    regions: [{ id: "us-east-1", name: "N. Virginia" }],
    support: () => [],
    variables: (app) => app.variables,
    compile: () => awsPlan(),
    ...cloudEffects(dependencies),
  };

  /** Creates a stack, as the visitor does in the console. */
  async function createStack(StackName: string, template: object, Parameters: Record<string, string> = {}) {
    const console = new CloudFormation({ region: "us-east-1", endpoint: aws.endpoint, credentials: visitor.keys });
    await console.createStack({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ["CAPABILITY_NAMED_IAM"],
      Parameters: Object.entries(Parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    });
    time.advance(3_600_000);
    const { Stacks = [] } = await console.describeStacks({ StackName });
    console.destroy();
    return Stacks[0];
  }

  /** Creates the role from our own template. `change` edits the template first. */
  async function createRole(
    way: TrustMethod = "oidc",
    change: (template: ReturnType<typeof roleTemplate>) => void = () => {},
  ) {
    const inputs: RoleTemplateInputs = { trust: way, origin, operator: operatorAccount };
    const template = roleTemplate(inputs);
    change(template);
    const subject = oidcSubject(dependencies, visitorKey);
    const stack = await createStack(roleStackName, template, { Visitor: subject });
    if (stack?.StackStatus !== "CREATE_COMPLETE") throw new Error(`The role was not created: ${stack?.StackStatus}`);
    return parseAccess({ account: visitorAccount, way });
  }

  function parseAccess(input: Record<string, string>, visitor = visitorKey): Access {
    const parsed = cloud.connect.parse({ visitor, ...input });
    if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join());
    return parsed.value;
  }

  /** Sets up a deployment, or continues that of an earlier process with its database. */
  function createDeployments(
    access: Access,
    { db, template = aTemplate() }: { db?: Db; template?: ReturnType<typeof aTemplate> } = {},
  ) {
    const started = createTestDeployments({ cloud, db, now: () => new Date(time.now()) });
    const app = anApp({ variables: [aVariable({ name: "SECRET_KEY", secret: true })] });
    const order = { ...started.order, app, plan: awsPlan(template), env: { SECRET_KEY: typedSecret }, access };
    return { ...started, order };
  }

  return {
    aws,
    time,
    dependencies,
    cloud,
    keys,
    dataDir,
    visitor,
    createRole,
    createStack,
    parseAccess,
    createDeployments,
    /** Returns the status of each of our stacks in the visitor's account. */
    stacks: () =>
      aws
        .stacks()
        .filter(({ name }) => name.startsWith("slipway-"))
        .map(({ status }) => status),
    /** Returns the resources in the visitor's account, apart from those that grant access. */
    inventory: () =>
      [...visitor.account.resources.keys()].filter(
        (name) =>
          !name.includes("lent-to-slipway") && !name.includes("oidc-provider") && !name.startsWith(roleStackName),
      ),
    async close() {
      await aws.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
export type TestAws = Awaited<ReturnType<typeof createTestAws>>;
