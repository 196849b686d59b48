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
const small = compile(anApp(), choice);
const large = compile(
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
const stackOf = ({ stack }: typeof small) => stack as unknown as Stack;

let here: TestGcp;
beforeEach(async () => {
  here = await createTestGcp();
});
afterEach(async () => {
  expect(here.gcp.bugs).toEqual([]);
  expect(here.gcp.inventory(here.project)).toEqual([]);
  await here.close();
});

const accessOf = (more: Record<string, string> = {}) => ({
  token: here.token,
  project: here.project.id,
  network: "default",
  subnet: "default",
  keep: "no",
  ...more,
});
const look = async (plan = large, more: Record<string, string> = {}) =>
  (await preflight(here.dependencies, plan, accessOf(more))).map(
    ({ path, message, fix }) => `${path}: ${message} ${fix}`,
  );
const switchOn = (...names: string[]) => {
  for (const name of names) here.project.enabled.set(`${name}.googleapis.com`, 0);
};

test("reports no problem for a ready project, whether its APIs are enabled or not", async () => {
  expect(await look(small)).toEqual([]);
  expect(await look(large)).toEqual([]);
  switchOn("compute", "redis", "run", "sqladmin");
  expect(await look(large)).toEqual([]);
});

describe("permissions", () => {
  test("cover every request of the plan", () => {
    for (const plan of [small, large]) {
      const requests = stackOf(plan).steps.flatMap(({ resources }) => resources.flatMap(requestsOf));
      expect(requests.length).toBeGreaterThan(5);
      const asked = requests.map(({ api, method }) =>
        permissionOf({ api, method, call: `${api}.${method}` } as Parameters<typeof permissionOf>[0]),
      );
      const mine = requiredPermissions(stackOf(plan));
      expect(asked.filter((one) => one !== null && !mine.includes(one))).toEqual([]);
      for (const one of mine) expect(one).toMatch(/^[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+$/);
    }
    expect(requiredPermissions(stackOf(large))).toEqual(
      expect.arrayContaining(["cloudsql.instances.create", "iam.serviceAccounts.actAs", "compute.subnetworks.use"]),
    );
    // The permission to disable the invoker check.
    expect(requiredPermissions(stackOf(small))).toEqual(
      expect.arrayContaining(["run.services.update", "run.services.setIamPolicy"]),
    );
    expect(
      requiredPermissions(stackOf(small)).filter((one) => /^(cloudsql|redis|compute|storage)\./.test(one)),
    ).toEqual([]);
  });

  test("are named if missing", async () => {
    for (const one of requiredPermissions(stackOf(large))) {
      here.project.denied = new Set([one]);
      const said = (await look()).join();
      // Without this permission nothing can be checked.
      if (one === "resourcemanager.projects.get") expect(said).toContain("cannot be reached");
      else expect(said).toContain(`Missing: ${one}.`);
    }
  });

  test("are summarized if dozens are missing", async () => {
    here.project.denied = new Set(requiredPermissions(stackOf(large)).filter((one) => one.startsWith("run.")));
    expect((await look())[0]).toMatch(/Missing: run\.\w+\.\w+(, run\.\w+\.\w+){4}, and \d+ more\. Ask an owner/);
  });
});

test("reports a project without billing, with where to link it", async () => {
  here.project.billing = null;
  expect(await look()).toEqual([expect.stringContaining("billing/linkedaccount?project=visitors-project")]);
});

test("reports a missing or inaccessible project", async () => {
  expect(await look(small, { project: "not-there-at-all" })).toEqual([
    expect.stringMatching(/^access\.project: The project not-there-at-all cannot be reached: /),
  ]);
  expect(await look(small, { project: "slipway-operator" })).toEqual([expect.stringContaining("cannot be reached")]);
});

test("reports an expired token at any request", async () => {
  here.gcp.expireTokens();
  expect(await look()).toEqual([expect.stringMatching(/^access\.token: .* Connect Google Cloud again\.$/)]);
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
    here.project.constraints = new Map(Object.entries(constraints));
    const said = await look();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(name);
  });

  const keyed = compile(
    anApp({ resources: [aResource({ name: "files", type: "bucket", env: { KEY: "${access_key_id}" } })] }),
    choice,
  );
  const ofKeys: [string, Record<string, Constraint>][] = [
    ["iam.disableServiceAccountKeyCreation", { "iam.disableServiceAccountKeyCreation": { enforce: true } }],
    ["storage.restrictAuthTypes", { "storage.restrictAuthTypes": { deny: ["in:ALL_HMAC_SIGNED_REQUESTS"] } }],
    ["storage.restrictAuthTypes", { "storage.restrictAuthTypes": { deny: ["SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS"] } }],
  ];
  test.each(ofKeys)("about keys are reported if a bucket needs an HMAC key: %s", async (name, constraints) => {
    here.project.constraints = new Map(Object.entries(constraints));
    expect(await look(keyed)).toEqual([expect.stringContaining(name)]);
    expect(await look(large)).toEqual([]);
  });

  test("about user keys are no problem for a service account's key", async () => {
    here.project.constraints = new Map([
      ["storage.restrictAuthTypes", { deny: ["USER_ACCOUNT_HMAC_SIGNED_REQUESTS"] }],
    ]);
    expect(await look(keyed)).toEqual([]);
  });

  test("are no problem if one way to make a service public remains, and are not read for an app without a public service", async () => {
    for (const [name, one] of [
      ["run.managed.requireInvokerIam", { enforce: true }],
      ["iam.allowedPolicyMemberDomains", { allow: ["C03xgje4y"] }],
      ["run.allowedIngress", { allow: ["all", "internal"] }],
    ] as const) {
      here.project.constraints = new Map([[name, "allow" in one ? { allow: [...one.allow] } : one]]);
      expect([name, await look()]).toEqual([name, []]);
    }
    const inward = compile(anApp({ services: [aService({ public: false })] }), choice);
    here.project.constraints = new Map([["run.allowedIngress", { allow: ["internal"] }]]);
    expect(await look(inward)).toEqual([]);
  });
});

describe("the network", () => {
  test("must exist with its subnet if Compute Engine is enabled", async () => {
    switchOn("compute");
    expect(await look(large, { network: "offices" })).toEqual([
      expect.stringMatching(/^access\.network: .*no network called offices/),
    ]);
    expect(await look(large, { subnet: "third-floor" })).toEqual([
      expect.stringMatching(/^access\.subnet: .*no subnet called third-floor in europe-west1/),
    ]);
    here.gcp.addNetwork(here.project, "offices");
    expect(await look(large, { network: "offices", subnet: "offices" })).toEqual([]);
    expect(await look(large, { network: "default", subnet: "offices" })).toEqual([
      expect.stringMatching(/^access\.subnet: .*one of offices, not of default/),
    ]);
    expect(await look(small, { network: "nowhere" })).toEqual([]);
  });

  test("is created by Google only if it is the default network", async () => {
    expect(await look(large, { network: "offices" })).toEqual([expect.stringContaining("is switched off")]);
  });
});

test("reports a region without Memorystore", async () => {
  switchOn("redis");
  here.project.regions.delete("europe-west1");
  expect(await look()).toEqual([
    expect.stringMatching(/^region: Memorystore for Redis is not offered in europe-west1/),
  ]);
});

test("a check that fails is no problem", async () => {
  const no = { status: 403 as const, code: "PERMISSION_DENIED", message: "The caller does not have permission" };
  switchOn("compute", "redis");
  for (const call of [
    "cloudbilling.projects.getBillingInfo",
    "cloudresourcemanager.projects.testIamPermissions",
    "orgpolicy.projects.policies.getEffectivePolicy",
    "serviceusage.services.batchGet",
    "compute.networks.get",
    "redis.projects.locations.list",
  ])
    here.gcp.failNext(call, no, 9);
  expect(await look()).toEqual([]);
});
