import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requestsOf, requiredPermissions } from "../../../src/clouds/gcp/access/permissions.ts";
import { preflight } from "../../../src/clouds/gcp/access/preflight.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import { permissionOf } from "../../fakes/gcp/permissions.ts";
import { type Visit, visit } from "../../fakes/gcp/test-gcp.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";

// What is found before anything is created at Google, and what to do about it.

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

let here: Visit;
beforeEach(async () => {
  here = await visit();
});
afterEach(async () => {
  expect(here.gcp.bugs).toEqual([]);
  expect(here.gcp.inventory(here.project)).toEqual([]);
  await here.end();
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
  (await preflight(here.world, plan, accessOf(more))).map(({ path, message, fix }) => `${path}: ${message} ${fix}`);
const switchOn = (...names: string[]) => {
  for (const name of names) here.project.enabled.set(`${name}.googleapis.com`, 0);
};

test("a project with all that is needed has no problem, whether its APIs are on already or not", async () => {
  expect(await look(small)).toEqual([]);
  expect(await look(large)).toEqual([]);
  switchOn("compute", "redis", "run", "sqladmin");
  expect(await look(large)).toEqual([]);
});

describe("permissions", () => {
  test("are those that Google asks for with every request of the plan", () => {
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
    // What it takes to switch off the check of who asks.
    expect(requiredPermissions(stackOf(small))).toEqual(
      expect.arrayContaining(["run.services.update", "run.services.setIamPolicy"]),
    );
    expect(
      requiredPermissions(stackOf(small)).filter((one) => /^(cloudsql|redis|compute|storage)\./.test(one)),
    ).toEqual([]);
  });

  test("that are missing are named, each of them", async () => {
    for (const one of requiredPermissions(stackOf(large))) {
      here.project.denied = new Set([one]);
      const said = (await look()).join();
      // Without this one nothing can be found out at all.
      if (one === "resourcemanager.projects.get") expect(said).toContain("cannot be reached");
      else expect(said).toContain(`Missing: ${one}.`);
    }
  });

  test("that are missing by the dozen are not all told", async () => {
    here.project.denied = new Set(requiredPermissions(stackOf(large)).filter((one) => one.startsWith("run.")));
    expect((await look())[0]).toMatch(/Missing: run\.\w+\.\w+(, run\.\w+\.\w+){4}, and \d+ more\. Ask an owner/);
  });
});

test("a project without billing is refused, with where to link it", async () => {
  here.project.billing = null;
  expect(await look()).toEqual([expect.stringContaining("billing/linkedaccount?project=visitors-project")]);
});

test("a project that is not there, or somebody else's, cannot be reached", async () => {
  expect(await look(small, { project: "not-there-at-all" })).toEqual([
    expect.stringMatching(/^access\.project: The project not-there-at-all cannot be reached: /),
  ]);
  expect(await look(small, { project: "slipway-operator" })).toEqual([expect.stringContaining("cannot be reached")]);
});

test("a token that has run out is said as that, at whichever question it ends", async () => {
  here.gcp.expireTokens();
  expect(await look()).toEqual([expect.stringMatching(/^access\.token: .* Connect Google Cloud again\.$/)]);
});

describe("an organisation's policies", () => {
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
  test.each(refused)("are found: %s", async (name, constraints) => {
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
  test.each(ofKeys)("about keys are found where a bucket is reached by one: %s", async (name, constraints) => {
    here.project.constraints = new Map(Object.entries(constraints));
    expect(await look(keyed)).toEqual([expect.stringContaining(name)]);
    expect(await look(large)).toEqual([]);
  });

  test("about the keys of people are no problem for the key of an account", async () => {
    here.project.constraints = new Map([
      ["storage.restrictAuthTypes", { deny: ["USER_ACCOUNT_HMAC_SIGNED_REQUESTS"] }],
    ]);
    expect(await look(keyed)).toEqual([]);
  });

  test("that leave one way to let everybody in are no problem, and none is asked of an app that nobody reaches", async () => {
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
  test("has to be there when Compute Engine is on, and so has its subnet", async () => {
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

  test("comes by itself when it is the default one, and by nobody when it is another", async () => {
    expect(await look(large, { network: "offices" })).toEqual([expect.stringContaining("is switched off")]);
  });
});

test("a region without Memorystore is refused", async () => {
  switchOn("redis");
  here.project.regions.delete("europe-west1");
  expect(await look()).toEqual([
    expect.stringMatching(/^region: Memorystore for Redis is not offered in europe-west1/),
  ]);
});

test("what cannot be asked is no problem", async () => {
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
