import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect } from "vitest";
import type { Template } from "../../../src/clouds/aws/cloudformation.ts";
import type { Dependencies } from "../../../src/clouds/aws/dependencies.ts";
import { assume } from "../../../src/clouds/aws/provision/api/assume-role.ts";
import { accountClients } from "../../../src/clouds/aws/provision/api/clients.ts";
import { provision } from "../../../src/clouds/aws/provision/provision.ts";
import { remove } from "../../../src/clouds/aws/provision/remove.ts";
import type { RoleAccess } from "../../../src/clouds/aws/role-access.ts";
import { aTemplate, awsPlan } from "../../fakes/aws/stack.ts";
import { visitorAccount } from "../../fakes/aws/test-aws.ts";
import { anApp } from "../../harness/apps.ts";
import { needs, programOf } from "../../harness/peers.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../../harness/scripted-cloud.ts";
import { freePort } from "../../harness/server.ts";

// Runs against moto, a server that we did not write. It checks no permissions and has no rollback; the tests against our
// own fake cover those.

const ref = (name: string) => ({ Ref: name });
const subnet = (CidrBlock: string, AvailabilityZone: string) => ({
  Type: "AWS::EC2::Subnet",
  Properties: { VpcId: ref("Network"), CidrBlock, AvailabilityZone },
});
/** An app of resources that moto really creates: an image behind a load balancer, without data. */
const template: Template = aTemplate({
  // Too long for a request, so that the template goes through the bucket.
  Description: "Hello ".repeat(10_000),
  Metadata: {
    Slipway: {
      Steps: [
        { Name: "network", Resources: ["Network", "One", "Two"] },
        { Name: "web", Resources: ["Cluster", "Logs", "Files", "Role", "Task", "Balancer", "Target"] },
      ],
      Variables: [],
      More: [],
    },
  },
  Resources: {
    Network: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.9.0.0/16" } },
    One: subnet("10.9.0.0/24", "us-east-1a"),
    Two: subnet("10.9.1.0/24", "us-east-1b"),
    Cluster: { Type: "AWS::ECS::Cluster" },
    Logs: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 7 } },
    Files: { Type: "AWS::S3::Bucket", Properties: { VersioningConfiguration: { Status: "Enabled" } } },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
      },
    },
    Task: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: { Family: "hello", ContainerDefinitions: [{ Name: "web", Image: "nginx", Memory: 128 }] },
    },
    Balancer: { Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: { Subnets: [ref("One"), ref("Two")] } },
    Target: {
      Type: "AWS::ElasticLoadBalancingV2::TargetGroup",
      Properties: { VpcId: ref("Network"), Port: 80, Protocol: "HTTP" },
    },
  },
  Outputs: { Url: { Description: "The app", Value: { "Fn::Sub": "https://${Balancer.DNSName}/" } } },
});

const access: RoleAccess = {
  way: "role",
  account: visitorAccount,
  roleArn: `arn:aws:iam::${visitorAccount}:role/lent-to-slipway-x`,
  subject: "an-external-id",
};
let moto: ChildProcess | undefined;
let dependencies: Dependencies;

beforeAll(async () => {
  const program = programOf("moto");
  if (!program) return;
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  moto = spawn(program, ["-p", `${port}`], { stdio: "ignore" });
  for (let maxAttempts = 0; maxAttempts < 600 && !(await fetch(endpoint).catch(() => null)); maxAttempts++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  dependencies = {
    origin: "https://slipway.example",
    endpoint,
    keys: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "a secret" },
    signIdToken: async () => "a.b.c",
    deriveSecret: () => "",
    probe: async () => ({ ok: true, status: 200 }),
    now: () => new Date(),
    sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  };
});
afterAll(async () => {
  if (!moto) return;
  const deleted = once(moto, "exit");
  moto.kill();
  await deleted;
});

/** Clients with the visitor's credentials: moto separates the accounts of different roles. */
const existing = () => accountClients(dependencies, "us-east-1", access, {});

needs("moto")(
  "the same run through a server of others: assume, create, events, outputs, empty, remove",
  async () => {
    const operator = new CloudFormation({
      region: "us-east-1",
      endpoint: dependencies.endpoint,
      credentials: dependencies.keys ?? undefined,
    });
    const visitor = existing();
    const templates = `lent-to-slipway-x-${visitorAccount}`;
    await visitor.s3((s3) => s3.createBucket({ Bucket: templates }));

    const started = createTestDeployments({
      cloud: {
        ...createScriptedCloud(
          (run) => provision(dependencies, run),
          (run) => remove(dependencies, { ...run, access: { ...access } }),
        ),
        id: "aws",
      },
    });
    started.story.start({ ...started.order, app: anApp(), plan: awsPlan(template), env: {}, access: { ...access } });
    const text = await collectStream(started.story, "deployment1");
    expect(started.bugs).toEqual([]);
    const row = started.story.find("deployment1");
    expect(row?.error).toBeNull();
    expect(row?.url).toMatch(/^https:\/\/.+elb.amazonaws.com\/$/);
    expect(text).toContain("slipway-an-app-deployme CREATE_COMPLETE");

    const { Stacks = [] } = await visitor.cloudformation((cfn) =>
      cfn.describeStacks({ StackName: "slipway-an-app-deployme" }),
    );
    expect(Stacks[0]?.Tags).toContainEqual({ Key: "slipway:deployment", Value: "deployment1" });
    expect((await operator.listStacks({})).StackSummaries ?? []).toEqual([]);
    operator.destroy();
    const { StackResourceSummaries: resources = [] } = await visitor.cloudformation((cfn) =>
      cfn.listStackResources({ StackName: "slipway-an-app-deployme" }),
    );
    const Bucket = resources.find(({ ResourceType }) => ResourceType === "AWS::S3::Bucket")?.PhysicalResourceId;
    const put = (s3: S3) => s3.putObject({ Bucket, Key: "a b/ü&<.txt", Body: "text" });
    await visitor.s3(put);
    await visitor.s3(put);
    await visitor.s3((s3) => s3.deleteObject({ Bucket, Key: "a b/ü&<.txt" }));

    started.story.remove("deployment1");
    await collectStream(started.story, "deployment1", started.story.lastEventId("deployment1"));
    expect(started.bugs).toEqual([]);
    expect(started.story.find("deployment1")).toMatchObject({ state: "removed", error: null });
    const buckets = await visitor.s3((s3) => s3.listBuckets({}));
    expect(buckets.Buckets?.map(({ Name }) => Name)).toEqual([templates]);
    expect((await visitor.s3((s3) => s3.listObjectsV2({ Bucket: templates }))).KeyCount).toBe(0);
    visitor.close();

    const token = { ...dependencies, signIdToken: async () => "header.claims.signature" };
    const { arn } = await assume(token, "us-east-1", { ...access, way: "oidc" }, "somebody");
    expect(arn).toBe(`arn:aws:sts::${visitorAccount}:assumed-role/lent-to-slipway-x/slipway-check`);
  },
  120_000,
);
