import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requestsOf, requiredPermissions } from "../../../src/clouds/gcp/access/permissions.ts";
import { preflight } from "../../../src/clouds/gcp/access/preflight.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import { permissionOf } from "../../fakes/gcp/permissions.ts";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";

// Problems that the preflight reports, each with advice.

const choice = { region: "europe-west1", preset: "economy" as const };
const smallPlan = compile(anApp(), choice);
const largePlan = compile(
  anApp({
    services: [aService(), aService({ name: "worker", command: "node worker.js", public: false, port: null })],
    jobs: [aJob(), aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" })],
    resources: [
      aResource(),
      aResource({ name: "cache", type: "redis", env: { REDIS_URL: "${url}" } }),
      aResource({ name: "files", type: "bucket", env: { BUCKET: "${bucket}", KEY: "${accessKey}" } }),
    ],
  }),
  choice,
);
const stackOf = ({ stack }: typeof smallPlan) => stack as unknown as Stack;

let env: TestGcp;
beforeEach(async () => {
  env = await createTestGcp();
});
afterEach(async () => {
  expect(env.gcp.bugs).toEqual([]);
  expect(env.gcp.inventory(env.project)).toEqual([]);
  await env.close();
});

const accessOf = (overrides: Record<string, string> = {}) => ({
  token: env.token,
  project: env.project.id,
  network: "default",
  subnet: "default",
  keep: "no",
  ...overrides,
});
const problemsFor = async (plan = largePlan, overrides: Record<string, string> = {}) =>
  (await preflight(env.dependencies, plan, accessOf(overrides))).map(
    ({ path, message, fix }) => `${path}: ${message} ${fix}`,
  );
const enableApis = (...names: string[]) => {
  for (const name of names) env.project.enabled.set(`${name}.googleapis.com`, 0);
};

test("reports no problem for a ready project, whether its APIs are enabled or not", async () => {
  expect(await problemsFor(smallPlan)).toEqual([]);
  expect(await problemsFor(largePlan)).toEqual([]);
  enableApis("compute", "redis", "run", "sqladmin");
  expect(await problemsFor(largePlan)).toEqual([]);
});

describe("permissions", () => {
  test("cover every request of the plan", () => {
    for (const plan of [smallPlan, largePlan]) {
      const requests = stackOf(plan).steps.flatMap(({ resources }) => resources.flatMap(requestsOf));
      expect(requests.length).toBeGreaterThan(5);
      const checkedPermissions = requests.map(({ api, method }) =>
        permissionOf({ api, method, call: `${api}.${method}` } as Parameters<typeof permissionOf>[0]),
      );
      const required = requiredPermissions(stackOf(plan));
      expect(checkedPermissions.filter((item) => item !== null && !required.includes(item))).toEqual([]);
      for (const item of required) expect(item).toMatch(/^[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+$/);
    }
    expect(requiredPermissions(stackOf(largePlan))).toEqual(
      expect.arrayContaining(["cloudsql.instances.create", "iam.serviceAccounts.actAs", "compute.subnetworks.use"]),
    );
    // The permission to disable the invoker check.
    expect(requiredPermissions(stackOf(smallPlan))).toEqual(
      expect.arrayContaining(["run.services.update", "run.services.setIamPolicy"]),
    );
    expect(
      requiredPermissions(stackOf(smallPlan)).filter((item) => /^(cloudsql|redis|compute|storage)\./.test(item)),
    ).toEqual([]);
  });

  test("are named if missing", async () => {
    for (const item of requiredPermissions(stackOf(largePlan))) {
      env.project.denied = new Set([item]);
      const problems = (await problemsFor()).join();
      // Without this permission nothing can be checked.
      if (item === "resourcemanager.projects.get") expect(problems).toContain("cannot be reached");
      else expect(problems).toContain(`Missing: ${item}.`);
    }
  });

  test("are summarized if dozens are missing", async () => {
    env.project.denied = new Set(requiredPermissions(stackOf(largePlan)).filter((item) => item.startsWith("run.")));
    expect((await problemsFor())[0]).toMatch(/Missing: run\.\w+\.\w+(, run\.\w+\.\w+){4}, and \d+ more\. Ask an owner/);
  });
});

test("reports a project without billing, with where to link it", async () => {
  env.project.billing = null;
  expect(await problemsFor()).toEqual([expect.stringContaining("billing/linkedaccount?project=visitors-project")]);
});

test("reports a missing or inaccessible project", async () => {
  expect(await problemsFor(smallPlan, { project: "not-there-at-all" })).toEqual([
    expect.stringMatching(/^access\.project: The project not-there-at-all cannot be reached: /),
  ]);
  expect(await problemsFor(smallPlan, { project: "slipway-operator" })).toEqual([
    expect.stringContaining("cannot be reached"),
  ]);
});

test("reports an expired token at any request", async () => {
  env.gcp.expireTokens();
  expect(await problemsFor()).toEqual([expect.stringMatching(/^access\.token: .* Connect Google Cloud again\.$/)]);
});

describe("organization policies", () => {
  type Constraint = { enforce: boolean } | { allow: string[] } | { deny: string[] };
  const refused: [string, Record<string, Constraint>][] = [
    ["run.allowedIngress", { "run.allowedIngress": { allow: ["internal"] } }],
    [
      "run.managed.requireInvokerIam",
      {
        "run.managed.requireInvokerIam": { enforce: true },
        "iam.allowedPolicyMemberDomains": { allow: ["C03xgje4y"] },
      },
    ],
    ["sql.restrictPublicIp", { "sql.restrictPublicIp": { enforce: true } }],
    ["iam.disableServiceAccountCreation", { "iam.disableServiceAccountCreation": { enforce: true } }],
    ["sql.restrictPublicIp", { "sql.managed.restrictPublicIp": { enforce: true } }],
    ["iam.disableServiceAccountCreation", { "iam.managed.disableServiceAccountCreation": { enforce: true } }],
    ["has no network", { "compute.skipDefaultNetworkCreation": { enforce: true } }],
  ];
  test.each(refused)("are reported: %s", async (name, constraints) => {
    env.project.constraints = new Map(Object.entries(constraints));
    const problems = await problemsFor();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  const planWithKey = compile(
    anApp({ resources: [aResource({ name: "files", type: "bucket", env: { KEY: "${access_key_id}" } })] }),
    choice,
  );
  const ofKeys: [string, Record<string, Constraint>][] = [
    ["iam.disableServiceAccountKeyCreation", { "iam.disableServiceAccountKeyCreation": { enforce: true } }],
    ["storage.restrictAuthTypes", { "storage.restrictAuthTypes": { deny: ["in:ALL_HMAC_SIGNED_REQUESTS"] } }],
    ["storage.restrictAuthTypes", { "storage.restrictAuthTypes": { deny: ["SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS"] } }],
  ];
  test.each(ofKeys)("about keys are reported if a bucket needs an HMAC key: %s", async (name, constraints) => {
    env.project.constraints = new Map(Object.entries(constraints));
    expect(await problemsFor(planWithKey)).toEqual([expect.stringContaining(name)]);
    expect(await problemsFor(largePlan)).toEqual([]);
  });

  test("about user keys are no problem for a service account's key", async () => {
    env.project.constraints = new Map([["storage.restrictAuthTypes", { deny: ["USER_ACCOUNT_HMAC_SIGNED_REQUESTS"] }]]);
    expect(await problemsFor(planWithKey)).toEqual([]);
  });

  test("are no problem if one way to make a service public remains, and are not read for an app without a public service", async () => {
    for (const [name, item] of [
      ["run.managed.requireInvokerIam", { enforce: true }],
      ["iam.allowedPolicyMemberDomains", { allow: ["C03xgje4y"] }],
      ["run.allowedIngress", { allow: ["all", "internal"] }],
    ] as const) {
      env.project.constraints = new Map([[name, "allow" in item ? { allow: [...item.allow] } : item]]);
      expect([name, await problemsFor()]).toEqual([name, []]);
    }
    const privatePlan = compile(anApp({ services: [aService({ public: false })] }), choice);
    env.project.constraints = new Map([["run.allowedIngress", { allow: ["internal"] }]]);
    expect(await problemsFor(privatePlan)).toEqual([]);
  });
});

describe("the network", () => {
  test("must exist with its subnet if Compute Engine is enabled", async () => {
    enableApis("compute");
    expect(await problemsFor(largePlan, { network: "offices" })).toEqual([
      expect.stringMatching(/^access\.network: .*no network called offices/),
    ]);
    expect(await problemsFor(largePlan, { subnet: "third-floor" })).toEqual([
      expect.stringMatching(/^access\.subnet: .*no subnet called third-floor in europe-west1/),
    ]);
    env.gcp.addNetwork(env.project, "offices");
    expect(await problemsFor(largePlan, { network: "offices", subnet: "offices" })).toEqual([]);
    expect(await problemsFor(largePlan, { network: "default", subnet: "offices" })).toEqual([
      expect.stringMatching(/^access\.subnet: .*one of offices, not of default/),
    ]);
    expect(await problemsFor(smallPlan, { network: "nowhere" })).toEqual([]);
  });

  test("is created by Google only if it is the default network", async () => {
    expect(await problemsFor(largePlan, { network: "offices" })).toEqual([expect.stringContaining("is switched off")]);
  });
});

test("reports a region without Memorystore", async () => {
  enableApis("redis");
  env.project.regions.delete("europe-west1");
  expect(await problemsFor()).toEqual([
    expect.stringMatching(/^region: Memorystore for Redis is not offered in europe-west1/),
  ]);
});

test("a check that fails is no problem", async () => {
  const permissionDenied = {
    status: 403 as const,
    code: "PERMISSION_DENIED",
    message: "The caller does not have permission",
  };
  enableApis("compute", "redis");
  for (const call of [
    "cloudbilling.projects.getBillingInfo",
    "cloudresourcemanager.projects.testIamPermissions",
    "orgpolicy.projects.policies.getEffectivePolicy",
    "serviceusage.services.batchGet",
    "compute.networks.get",
    "redis.projects.locations.list",
  ])
    env.gcp.failNext(call, permissionDenied, 9);
  expect(await problemsFor()).toEqual([]);
});
