import { EC2 } from "@aws-sdk/client-ec2";
import { ServiceQuotas } from "@aws-sdk/client-service-quotas";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { App } from "../../../src/app.ts";
import type { roleTemplate } from "../../../src/clouds/aws/access/role-template.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import type { Access } from "../../../src/clouds/cloud.ts";
import type { Preset } from "../../../src/plan.ts";
import { throttled } from "../../fakes/aws/aws.ts";
import { createTestAws, type TestAws, visitorAccount } from "../../fakes/aws/test-aws.ts";
import { aJob, anApp, aService } from "../../harness/apps.ts";

let env: TestAws;
let access: Access;
beforeEach(async () => {
  env = await createTestAws();
  access = await env.createRole();
  env.aws.calls.length = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

const app = anApp({ services: [aService({ size: "M", scale: { min: 2, max: 4 } })] });
const problemsFor = async (preset: Preset = "economy", requestedApp: App = app) => {
  const notes = await env.cloud.preflight(compile(requestedApp, { region: "us-east-1", preset }), access);
  return notes.map(({ path, message, fix }) => `${path}: ${message} ${fix}`);
};
const has = (count: number, type: string) => {
  for (let index = 0; index < count; index++) env.visitor.account.resources.set(`${type}-${index}`, type);
};
const mayHave = (quota: string, value: number | null) => env.visitor.account.quotas.set(quota, value);
const vpc = "AWS::EC2::VPC";
const gateway = "AWS::EC2::InternetGateway";
const address = "AWS::EC2::EIP";
const requests = ["DescribeVpcs", "DescribeInternetGateways", "DescribeAddresses", "GetServiceQuota"];

describe("the quota check", () => {
  test("reports no problem if the app fits", async () => {
    has(4, vpc);
    has(4, gateway);
    has(3, address);
    mayHave("fargate/L-3032A538", 1);
    expect(await problemsFor("production")).toEqual([]);
    expect(env.aws.calls).toEqual(expect.arrayContaining(requests));
  });

  test("reports how many VPCs exist, are allowed and are needed, and where to raise the quota", async () => {
    has(5, vpc);
    expect(await problemsFor()).toEqual([
      "region: Your account has 5 VPCs in this region and may have 5; the app needs 1 more. Delete VPCs you no longer need, choose another region, or ask AWS for a higher quota: https://us-east-1.console.aws.amazon.com/servicequotas/home/services/vpc/quotas/L-F678F1CE",
    ]);
    env.visitor.account.resources.delete(`${vpc}-0`);
    has(7, gateway);
    mayHave("vpc/L-A4707A72", 7);
    expect(await problemsFor()).toEqual([
      expect.stringContaining("has 7 internet gateways in this region and may have 7; the app needs 1 more."),
    ]);
  });

  test("allows as many internet gateways as a raised VPC quota", async () => {
    has(6, vpc);
    has(6, gateway);
    mayHave("vpc/L-F678F1CE", 7);
    expect(await problemsFor()).toEqual([]);
    has(7, gateway);
    expect(await problemsFor()).toEqual([
      expect.stringContaining("7 internet gateways in this region and may have 7;"),
    ]);
  });

  test("ignores shared VPCs and the account's own IP addresses", async () => {
    has(4, vpc);
    has(3, address);
    const foreign = { owner: "444455556666", pool: "amazon" };
    env.visitor.account.foreign = [
      { ...foreign, id: "vpc-shared", type: vpc },
      { owner: visitorAccount, pool: "ipv4pool-ec2-0", id: "eipalloc-brought", type: address },
    ];
    expect(await problemsFor("production")).toEqual([]);
  });

  test("counts addresses only for an app behind NAT gateways", async () => {
    has(4, address);
    expect(await problemsFor("economy")).toEqual([]);
    expect(env.aws.calls).not.toContain("DescribeAddresses");
    expect(await problemsFor("production")).toEqual([
      expect.stringContaining("4 elastic IP addresses in this region and may have 5; the app needs 2 more."),
    ]);
  });

  test("counts vCPUs of every replica, or of the largest job", async () => {
    mayHave("fargate/L-3032A538", 0.5);
    expect(await problemsFor()).toEqual([
      "region: Your account may use 0.5 vCPUs of Fargate in this region, and the app needs 1. Choose another region or a smaller preset, or ask AWS for a higher quota: https://us-east-1.console.aws.amazon.com/servicequotas/home/services/fargate/quotas/L-3032A538",
    ]);
    const worker = aService({ name: "worker", size: "L", port: null, public: false });
    expect(await problemsFor("economy", { ...app, services: [...app.services, worker] })).toEqual([
      expect.stringContaining("the app needs 2."),
    ]);
    const largeApp = { ...app, jobs: [aJob({ size: "XL" })] };
    expect(await problemsFor("economy", largeApp)).toEqual([expect.stringContaining("the app needs 2.")]);
    mayHave("fargate/L-3032A538", 2);
    expect(await problemsFor("economy", largeApp)).toEqual([]);
  });
});

describe("an unknown quota is no problem", () => {
  beforeEach(() => {
    has(5, vpc);
    has(5, gateway);
    has(5, address);
    mayHave("fargate/L-3032A538", 0);
  });

  test("although four problems exist otherwise", async () => {
    expect(await problemsFor("production")).toHaveLength(4);
  });

  test("for a role created before these permissions were added", async () => {
    await env.close();
    env = await createTestAws();
    const statementsOf = (template: ReturnType<typeof roleTemplate>) =>
      template.Resources.Role.Properties.Policies.flatMap(({ PolicyDocument: { Statement } }) => Statement) as {
        Action: string[] | string;
      }[];
    access = await env.createRole("oidc", (template) => {
      for (const statement of statementsOf(template))
        if (Array.isArray(statement.Action))
          statement.Action = statement.Action.filter((action) => !/^(ec2|servicequotas):/.test(action));
    });
    has(5, vpc);
    expect(await problemsFor("production")).toEqual([]);
    expect(env.aws.calls).toEqual(expect.arrayContaining(requests));
  });

  test.each(requests)("when %s fails", async (action) => {
    env.aws.failNext(action, { code: "InternalError", message: "An internal error has occurred", status: 500 }, 1000);
    const notes = await problemsFor("production");
    expect(notes.length).toBe(action === "GetServiceQuota" ? 0 : 3);
  });

  test("when a quota cannot be determined or does not exist", async () => {
    for (const quota of ["vpc/L-F678F1CE", "ec2/L-0263D0A3", "fargate/L-3032A538"]) mayHave(quota, null);
    expect(await problemsFor("production")).toEqual([]);
  });

  test("when no response comes within ten seconds", async () => {
    const timeout = AbortSignal.timeout;
    vi.spyOn(AbortSignal, "timeout").mockImplementation((time) => timeout.call(AbortSignal, time / 100));
    env.aws.holdUntilAll(
      ...requests,
      "GetServiceQuota",
      "GetServiceQuota",
      "GetServiceQuota",
      "something that never comes",
    );
    expect(await problemsFor("production")).toEqual([]);
    expect(AbortSignal.timeout).toHaveBeenCalledWith(10_000);
  });
});

describe("the requests", () => {
  test("run in parallel", async () => {
    has(5, vpc);
    env.aws.holdUntilAll(
      "DescribeAccountLimits",
      "ValidateTemplate",
      ...requests,
      "GetServiceQuota",
      "GetServiceQuota",
    );
    expect(await problemsFor("production")).toHaveLength(1);
  });

  test("survive throttling, lost responses and an expired session", async () => {
    has(5, vpc);
    env.aws.failNext("GetServiceQuota", { ...throttled, code: "TooManyRequestsException" }, 3);
    env.aws.failNext("DescribeVpcs", { ...throttled, code: "RequestLimitExceeded", status: 503 });
    env.aws.failNext("DescribeVpcs", "lost");
    env.aws.failNext("DescribeInternetGateways", { code: "ExpiredToken", message: "Request has expired", status: 400 });
    expect(await problemsFor()).toHaveLength(1);
  });

  test("may use no other action of these services, and the fake accepts no other", async () => {
    const config = { region: "us-east-1", endpoint: env.aws.endpoint, credentials: env.visitor.keys, maxAttempts: 1 };
    const [ec2, quotas] = [new EC2(config), new ServiceQuotas(config)];
    const errorName = (work: Promise<unknown>) => expect(work.catch(({ name }) => name)).resolves;
    await errorName(ec2.describeVpcs({ MaxResults: 5 })).toBe("UnknownParameter");
    await errorName(ec2.describeAddresses({ AllocationIds: ["eipalloc-1"] })).toBe("UnknownParameter");
    await errorName(ec2.describeInstances({})).toBe("InvalidAction");
    await errorName(quotas.listServices({})).toBe("UnknownOperationException");
    await errorName(quotas.getServiceQuota({ ServiceCode: "vpc", QuotaCode: "L-0" })).toBe("NoSuchResourceException");
    ec2.destroy();
    quotas.destroy();
  });
});
