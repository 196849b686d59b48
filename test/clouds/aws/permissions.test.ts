import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { preflightSessionPolicy } from "../../../src/clouds/aws/access/preflight-session-policy.ts";
import { roleTemplate } from "../../../src/clouds/aws/access/role-template.ts";
import type { Template } from "../../../src/clouds/aws/cloudformation.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import { provisionSessionPolicy } from "../../../src/clouds/aws/provision/session-policy.ts";
import { roleResources } from "../../../src/clouds/aws/role-names.ts";
import { roleMay } from "../../fakes/aws/account.ts";
import { requiredPermissions } from "../../fakes/aws/permissions.ts";
import { allows, list, type Policy } from "../../fakes/aws/policy.ts";
import { createTestAws, type TestAws, visitorAccount } from "../../fakes/aws/test-aws.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";

/** An app that uses every kind of resource. */
const everything = anApp({
  build: { kind: "dockerfile", dockerfile: "Dockerfile", context: "." },
  services: [aService({ scale: { min: 1, max: 3 } }), aService({ name: "worker", port: null, public: false })],
  jobs: [
    aJob(),
    aJob({ name: "seed", when: "first" }),
    aJob({ name: "tidy", when: "schedule", schedule: "0 3 * * *" }),
  ],
  resources: [
    aResource(),
    aResource({ name: "other", type: "mysql", env: { MYSQL_URL: "${url}" } }),
    aResource({ name: "cache", type: "redis", env: { REDIS_URL: "${url}" } }),
    aResource({ name: "files", type: "bucket", env: { S3_KEY: "${access_key_id}", S3_SECRET: "${secret_key}" } }),
  ],
  variables: [aVariable({ name: "SECRET_KEY", secret: true })],
});

describe.each(["economy", "standard", "production"] as const)("a stack with every resource, %s", (preset) => {
  let env: TestAws;
  let started: ReturnType<TestAws["createDeployments"]>;
  beforeAll(async () => {
    env = await createTestAws();
    const template = compile(everything, { region: "us-east-1", preset }).stack as unknown as Template;
    started = env.createDeployments(await env.createRole(), { template });
    started.story.start(started.order);
    await collectStream(started.story, "deployment1");
    expect(started.bugs).toEqual([]);
  });
  afterAll(async () => {
    expect(env.aws.bugs).toEqual([]);
    await env.close();
  });

  test("can be created with the granted permissions", () => {
    const row = started.story.find("deployment1");
    expect(row?.error).toBeNull();
    expect(row?.state).toBe("succeeded");
  });

  test("requests no permission that the boundary denies", () => {
    const { account } = env.visitor;
    const [, boundary] = [...account.policies].find(([arn]) => arn.endsWith("-apps")) ?? [];
    const context = { "aws:ResourceTag/slipway:deployment": "x", "iam:PassedToService": "ecs-tasks.amazonaws.com" };
    const roles = [...account.roles.values()].filter(({ name }) => name.startsWith("slipway-"));
    const input = roles.flatMap(({ inline }) =>
      inline.flatMap(({ Statement }) =>
        list(Statement).flatMap(({ Action, Resource }) =>
          list(Action).flatMap((action) => list(Resource).map((resource) => [action, resource] as const)),
        ),
      ),
    );
    expect(roles.length).toBeGreaterThan(4);
    expect(input.length).toBeGreaterThan(20);
    const forbidden = input.filter(([action, resource]) => !boundary || !allows(boundary, action, resource, context));
    expect(forbidden).toEqual([]);
  });
});

test("the permissions cover resources created only with a domain or an existing network", async () => {
  const env = await createTestAws();
  await env.createRole();
  const { account } = env.visitor;
  const role = [...account.roles.values()].find(({ name }) => name.endsWith("-stacks"));
  const { Resources } = compile(everything, { region: "us-east-1", preset: "production" }).stack as unknown as Template;
  const types = new Set(Object.values(Resources).flatMap(({ Type, Condition }) => (Condition ? [Type] : [])));
  expect(types).toContain("AWS::CertificateManager::Certificate");
  const boundary = [...account.policies.keys()].find((arn) => arn.endsWith("-apps"));
  const location = { account: visitorAccount, region: "us-east-1", boundaryOf: () => boundary };
  for (const type of types) {
    const required = requiredPermissions(type, "slipway-x-thing", { PermissionsBoundary: boundary }, location);
    const missing = [...required.create, ...required.delete].filter(
      ([action, on, context]) => !role || !roleMay(account, role, action, on, context),
    );
    expect([type, missing]).toEqual([type, []]);
  }
  await env.close();
});

describe("the granted permissions", () => {
  let env: TestAws;
  beforeAll(async () => {
    env = await createTestAws();
    await env.createRole();
  });
  afterAll(() => env.close());
  const roleCalled = (ending: string) => {
    const missing = [...env.visitor.account.roles.values()].find(
      ({ name }) => name.startsWith("lent-to-slipway") && name.endsWith(ending),
    );
    if (!missing) throw new Error(`there is no role ...${ending}`);
    return missing;
  };
  const id = visitorAccount;
  const ownStatements = () =>
    [...env.visitor.account.roles.values()].find(({ name }) => /^lent-to-slipway-[a-z2-7]{24}$/.test(name));

  test.each([
    ["cloudformation:DeleteStack", `arn:aws:cloudformation:us-east-1:${id}:stack/their-own/1`],
    ["cloudformation:UpdateStack", `arn:aws:cloudformation:us-east-1:${id}:stack/lend-to-slipway/1`],
    ["cloudformation:CreateStack", `arn:aws:cloudformation:us-east-1:${id}:stack/slipway-x/1`],
    ["iam:CreateRole", `arn:aws:iam::${id}:role/slipway-x`],
    ["iam:PassRole", `arn:aws:iam::${id}:role/admin`],
    ["ec2:DescribeInstances", "*"],
    ["ec2:DeleteVpc", "*"],
    ["servicequotas:RequestServiceQuotaIncrease", "*"],
    ["servicequotas:ListServiceQuotas", "*"],
    ["s3:GetObject", "arn:aws:s3:::slipway-x-files/secret.txt"],
    ["s3:DeleteObject", "arn:aws:s3:::their-own/file"],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:us-east-1:${id}:secret:theirs`],
  ])("do not allow us to %s on %s", (action, resource) => {
    const role = ownStatements();
    expect(role && roleMay(env.visitor.account, role, action, resource)).toBe(false);
  });

  test("let us count resources for quotas, but not while a stack is created", () => {
    const role = ownStatements();
    const counting = [
      ...["ec2:DescribeVpcs", "ec2:DescribeInternetGateways", "ec2:DescribeAddresses"],
      "servicequotas:GetServiceQuota",
    ];
    const input = (action: string) => role && roleMay(env.visitor.account, role, action, "*");
    expect(counting.map(input)).toEqual([true, true, true, true]);
    const access = roleResources({ account: id, roleArn: role?.arn ?? "" });
    const looking = preflightSessionPolicy(access) as Policy;
    const running = provisionSessionPolicy("slipway-x", access) as Policy;
    expect(counting.map((action) => allows(looking, action, "*"))).toEqual([true, true, true, true]);
    expect(counting.map((action) => allows(running, action, "*"))).toEqual([false, false, false, false]);
    expect(allows(looking, "ec2:DescribeInstances", "*")).toBe(false);
    expect(allows(looking, "servicequotas:ListServices", "*")).toBe(false);
    expect(allows(looking, "cloudformation:CreateStack", "*")).toBe(false);
    expect(JSON.stringify(looking).length).toBeLessThan(2048);
  });

  test.each([
    ["iam:CreateRole", `arn:aws:iam::${id}:role/slipway-x`, {}],
    [
      "iam:CreateRole",
      `arn:aws:iam::${id}:role/slipway-x`,
      { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
    ],
    ["iam:CreateUser", `arn:aws:iam::${id}:user/slipway-x`, {}],
    ["iam:PutRolePolicy", `arn:aws:iam::${id}:role/theirs`, {}],
    ["iam:DeleteRolePermissionsBoundary", `arn:aws:iam::${id}:role/slipway-x`, {}],
    ["iam:CreatePolicyVersion", `arn:aws:iam::${id}:policy/lent-to-slipway-x-apps`, {}],
    ["iam:PutRolePolicy", `arn:aws:iam::${id}:role/lent-to-slipway-x`, {}],
    ["iam:PassRole", `arn:aws:iam::${id}:role/slipway-x`, { "iam:PassedToService": "ec2.amazonaws.com" }],
    ["s3:DeleteBucket", "arn:aws:s3:::their-own", {}],
    ["rds:DeleteDBInstance", `arn:aws:rds:us-east-1:${id}:db:theirs`, {}],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:us-east-1:${id}:secret:theirs`, {}],
    ["sts:AssumeRole", `arn:aws:iam::${id}:role/slipway-x`, {}],
  ])("do not allow CloudFormation to %s on %s", (action, resource, context) => {
    expect(roleMay(env.visitor.account, roleCalled("-stacks"), action, resource, context)).toBe(false);
  });

  test("stay below AWS's limits: 6144 characters per managed policy, 10240 for a role's inline policies", () => {
    const { Resources } = roleTemplate({ trust: "oidc", origin: "https://slipway.example" });
    const longName = "x".repeat(24);
    const written = (document: object) =>
      JSON.stringify(document)
        .replace(/\{"Fn::Sub":("[^"]*")\}/g, "$1")
        .replaceAll("${Visitor}", longName)
        .replaceAll("${AWS::Partition}", "aws-us-gov")
        .replaceAll("${AWS::AccountId}", visitorAccount).length;
    expect(written(Resources.Most.Properties.PolicyDocument)).toBeLessThan(6144);
    expect(written(Resources.Apps.Properties.PolicyDocument)).toBeLessThan(6144);
    expect(written(Resources.Role.Properties.Policies)).toBeLessThan(10_240);
  });
});

test("a production stack is deleted, and the resources it retains are named", {
  timeout: 60_000,
}, async () => {
  const env = await createTestAws({ answers: () => 503 });
  const template = compile(everything, { region: "us-east-1", preset: "production" }).stack as unknown as Template;
  const started = env.createDeployments(await env.createRole(), { template });
  started.story.start(started.order);
  await collectStream(started.story, "deployment1");
  expect(env.stacks()).toEqual(["UPDATE_COMPLETE"]);
  const stack = env.aws.stacks().find(({ name }) => name.startsWith("slipway-"));
  const propertiesOf = (type: string) =>
    [...(stack?.resources ?? [])].flatMap(([id, { properties }]) =>
      template.Resources[id]?.Type === type ? [properties] : [],
    );
  for (const properties of propertiesOf("AWS::RDS::DBInstance"))
    expect(properties).toMatchObject({ DeletionProtection: true });
  const from = started.story.lastEventId("deployment1");
  started.story.remove("deployment1");
  const events = await collectStream(started.story, "deployment1", from);
  expect(started.bugs).toEqual([]);
  expect(started.story.find("deployment1")).toMatchObject({ state: "removed", error: null });
  expect(env.inventory().map((name) => env.visitor.account.resources.get(name))).toEqual(["AWS::S3::Bucket"]);
  expect(events).toContain("Lifting the protection against deletion");
  const updated = stack?.events.filter(({ status }) => status === "UPDATE_IN_PROGRESS").map(({ type }) => type);
  // Nothing else of the app changes, so no release job runs again.
  expect([...new Set(updated)].sort()).toEqual([
    "AWS::CloudFormation::Stack",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::RDS::DBInstance",
  ]);
  const { Resources } = template;
  const steps = [...events.matchAll(/"name":"([^"]+)","state":"removed"/g)].map(([, name]) => name);
  expect(steps.indexOf("web")).toBeLessThan(steps.indexOf("network"));
  const retained = Object.keys(Resources).filter((id) => (Resources[id]?.DeletionPolicy ?? "Delete") !== "Delete");
  expect(retained.length).toBeGreaterThan(2);
  for (const id of retained) expect(events).toMatch(new RegExp(`${id} is kept in your account`));
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

test.each(["economy", "standard", "production"] as const)(
  "whichever resource type fails, the stack is rolled back and a retry succeeds: %s",
  {
    timeout: 240_000,
  },
  async (preset) => {
    const env = await createTestAws();
    const template = compile(everything, { region: "us-east-1", preset }).stack as unknown as Template;
    const access = await env.createRole();
    const types = [
      ...new Set(
        Object.values(template.Resources)
          .filter(({ Condition }) => !Condition)
          .map(({ Type }) => Type),
      ),
    ];
    expect(types.length).toBeGreaterThan(25);
    const started = env.createDeployments(access, { template });
    const { fails } = env.aws.engine.settings;
    const end = async (from: number) => {
      await collectStream(started.story, "deployment1", from);
      expect(started.bugs).toEqual([]);
      return started.story.find("deployment1");
    };
    for (const [index, type] of types.entries()) {
      fails.set(type, `there is no ${type} to be had`);
      const from = started.story.lastEventId("deployment1");
      if (index === 0) started.story.start(started.order);
      else started.story.retry("deployment1");
      const row = await end(from);
      expect(row?.state).toBe("failed");
      expect(row?.error?.message).toMatch(new RegExp(`^\\w+ CREATE_FAILED: there is no ${type} to be had$`));
      expect(template.Metadata.Slipway.Steps.map(({ Name }) => Name)).toContain(row?.error?.step);
      expect(env.inventory()).toEqual([]);
      fails.clear();
    }
    const from = started.story.lastEventId("deployment1");
    started.story.retry("deployment1");
    expect(await end(from)).toMatchObject({ state: "succeeded" });
    expect(env.stacks()).toEqual([
      ...types.map(() => "DELETE_COMPLETE"),
      preset === "production" ? "UPDATE_COMPLETE" : "CREATE_COMPLETE",
    ]);
    expect(env.aws.bugs).toEqual([]);
    await env.close();
  },
);
