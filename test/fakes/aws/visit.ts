import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { wellKnown } from "../../../routes/identity/well-known.ts";
import { oidcSubject } from "../../../src/clouds/aws/access/connect.ts";
import { type RoleTemplateInputs, roleStackName, roleTemplate } from "../../../src/clouds/aws/access/role-template.ts";
import type { Dependencies, TrustMethod } from "../../../src/clouds/aws/dependencies.ts";
import type { Access, Cloud } from "../../../src/clouds/cloud.ts";
import type { Db } from "../../../src/data/db.ts";
import { createIssuer } from "../../../src/identity/oidc-issuer.ts";
import { createSeal } from "../../../src/identity/seal.ts";
import { anApp, aVariable } from "../../harness/apps.ts";
import { tell, testWords } from "../../harness/scripted-cloud.ts";
import { fakeAws } from "./aws.ts";
import { lending } from "./lending.ts";
import { aTemplate, awsPlan } from "./stack.ts";

export const origin = "https://slipway.example";
export const visitorAccount = "111122223333";
export const operatorAccount = "999988887777";
export const entered = "correct-horse-battery-staple";
const someKey = "abcdefghijklmnopqrstuvwxyz";

/** The virtual time of a test: waiting moves it, by some more than was asked, or a test would ask for ever. */
const haste = 6;
export function clock(start = Date.parse("2026-11-22T12:00:00Z")) {
  let time = start;
  return {
    now: () => time,
    forward: (milliseconds: number) => {
      time += milliseconds;
    },
    async pause(milliseconds: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      time += milliseconds * haste;
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

interface Given {
  time?: ReturnType<typeof clock>;
  /** Milliseconds on the clock for what takes AWS a second. */
  pace?: number;
  /** Whether the operator has an AWS account of its own. */
  operator?: boolean;
  /** What the app answers when it is asked. */
  answers?: () => number;
}

/** A Slipway, AWS, a visitor's account there, and an operator's; nothing is lent yet. */
export async function visit({ operator = false, answers = () => 200, time = clock(), pace }: Given = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "slipway-aws-"));
  let ids = 0;
  const keys = createIssuer({ origin, dataDir, now: () => new Date(time.now()), newId: () => `id${++ids}` });
  const slipway = wellKnown({ config: { origin }, issuer: keys });
  const reach = (async (url: string) =>
    url.startsWith(origin) ? slipway.request(url) : new Response(null, { status: answers() })) as typeof fetch;
  const aws = await fakeAws({ now: time.now, fetch: reach, pace });
  const there = aws.account(visitorAccount);
  const ours = aws.account(operatorAccount);
  const world: Dependencies = {
    origin,
    endpoint: aws.endpoint,
    keys: operator ? ours.keys : null,
    signIdToken: keys.signToken,
    deriveSecret: (text) => createSeal("a secret of more than thirty-two letters").derive("aws", text),
    fetch: reach,
    now: () => new Date(time.now()),
    sleep: time.pause,
  };
  const cloud: Cloud = {
    id: "aws",
    name: "Amazon Web Services",
    words: testWords("AWS"),
    regions: [{ id: "us-east-1", name: "N. Virginia" }],
    support: () => [],
    variables: (app) => app.variables,
    compile: () => awsPlan(),
    ...lending(world),
  };

  /** What the visitor does in the console: runs a template, waits for it. */
  async function runs(StackName: string, template: object, Parameters: Record<string, string> = {}) {
    const console = new CloudFormation({ region: "us-east-1", endpoint: aws.endpoint, credentials: there.keys });
    await console.createStack({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ["CAPABILITY_NAMED_IAM"],
      Parameters: Object.entries(Parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    });
    time.forward(3_600_000);
    const { Stacks = [] } = await console.describeStacks({ StackName });
    console.destroy();
    return Stacks[0];
  }

  /** The visitor lends us the role, from our own template; `change` is what a careless hand does to it. */
  async function lends(
    way: TrustMethod = "oidc",
    change: (template: ReturnType<typeof roleTemplate>) => void = () => {},
  ) {
    const lender: RoleTemplateInputs = { trust: way, origin, operator: operatorAccount };
    const template = roleTemplate(lender);
    change(template);
    const subject = oidcSubject(world, someKey);
    const stack = await runs(roleStackName, template, { Visitor: subject });
    if (stack?.StackStatus !== "CREATE_COMPLETE") throw new Error(`the role was not made: ${stack?.StackStatus}`);
    return accessOf({ account: visitorAccount, way });
  }

  function accessOf(input: Record<string, string>, visitor = someKey): Access {
    const read = cloud.connect.parse({ visitor, ...input });
    if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
    return read.value;
  }

  /** Told from the beginning, or, with the database of an earlier process, from where that one was. */
  function story(
    access: Access,
    { db, template = aTemplate() }: { db?: Db; template?: ReturnType<typeof aTemplate> } = {},
  ) {
    const told = tell({ cloud, db, now: () => new Date(time.now()) });
    const app = anApp({ variables: [aVariable({ name: "SECRET_KEY", secret: true })] });
    const order = { ...told.order, app, plan: awsPlan(template), env: { SECRET_KEY: entered }, access };
    return { ...told, order };
  }

  return {
    aws,
    time,
    world,
    cloud,
    keys,
    dataDir,
    there,
    lends,
    runs,
    accessOf,
    story,
    /** What stacks of ours there are in the visitor's account, and in which state. */
    stacks: () =>
      aws
        .stacks()
        .filter(({ name }) => name.startsWith("slipway-"))
        .map(({ status }) => status),
    /** What is in the visitor's account and was not there when the role was lent. */
    left: () =>
      [...there.account.things.keys()].filter(
        (name) =>
          !name.includes("lent-to-slipway") && !name.includes("oidc-provider") && !name.startsWith(roleStackName),
      ),
    async end() {
      await aws.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
export type Visit = Awaited<ReturnType<typeof visit>>;
