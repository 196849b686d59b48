import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import type { Stack } from "../../../src/clouds/gcp/stack.ts";
import {
  aborted,
  billingDisabled,
  orgPolicy,
  type Problem,
  quotaExceeded,
  rateLimited,
  unauthenticated,
  unavailable,
} from "../../fakes/gcp/errors.ts";
import type { Resource } from "../../fakes/gcp/project.ts";
import { authString } from "../../fakes/gcp/services/redis.ts";
import { hmacSecret } from "../../fakes/gcp/services/storage.ts";
import { createTestGcp, secretAnswer, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, logLines, rearm } from "../consumer.ts";

let env: TestGcp;
beforeEach(async () => {
  env = await createTestGcp();
});
afterEach(async () => {
  expect(env.gcp.bugs).toEqual([]);
  await env.close();
});

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");
const apps = { guestbook, discourse: manifest("discourse"), mastodon };
const succeeded = { state: "succeeded", url: expect.stringMatching(/^https:\/\/.+\.run\.app/) };

const creations = (target: TestGcp) =>
  target.gcp.requests.filter(({ call, status }) => status === 200 && /\.(create|insert|run|addVersion)$/.test(call));
const resourcesOfKind = (kind: string) => [...env.project.resources.values()].filter((item) => item.kind === kind);

describe.each(Object.entries(apps))("%s", (_, app) => {
  test("is deployed, responds, and is removed without a trace", async () => {
    const deployment = env.deployment(app);
    expect(await env.provision(deployment)).toMatchObject(succeeded);
    expect([...deployment.ledger.values()].map(({ state }) => state)).toEqual(
      [...deployment.ledger.values()].map(() => "done"),
    );
    const { steps } = deployment.plan.stack as unknown as Stack;
    expect(env.inventory().length).toBeGreaterThan(steps.length);
    expect(await env.remove(deployment)).toEqual({ type: "state", state: "removed" });
    expect(env.inventory()).toEqual([]);
  });
});

test.each(["standard", "production"] as const)(
  "deploys as %s, and lifts deletion protection on removal",
  async (preset) => {
    const deployment = env.deployment(mastodon);
    deployment.plan = compile(mastodon, { region: "europe-west1", preset });
    expect(await env.provision(deployment)).toMatchObject(succeeded);
    env.gcp.putObject(resourcesOfKind("bucket")[0] as Resource, "a/file");
    expect(await env.remove(deployment)).toEqual({ type: "state", state: "removed" });
    // Google keeps the final backup of a protected database.
    const finalBackup = preset === "production" ? [expect.stringMatching(/^sqladmin\/.*\/backups\//)] : [];
    expect(env.inventory()).toEqual(finalBackup);
    if (preset === "production") expect(logLines(deployment).join("\n")).toContain("a last backup of the database");
  },
);

test("a second app in the same project shares only the enabled APIs", async () => {
  const first = env.deployment(guestbook);
  const second = env.deployment(guestbook, {}, "another1another2");
  await env.provision(first);
  const before = env.inventory();
  expect(await env.provision(second)).toMatchObject(succeeded);
  expect(await env.remove(second)).toEqual({ type: "state", state: "removed" });
  expect(env.inventory()).toEqual(before);
});

describe("transient errors", () => {
  test.each(["lost", "unsent", unavailable, rateLimited] as const)(
    "%o on each creating request, once or three times, still creates it once",
    async (fault) => {
      await env.provision(env.deployment(mastodon));
      const calls = [...new Set(creations(env).map(({ call }) => call))];
      const count = creations(env).length;
      const fullCount = env.inventory().length;
      for (const times of [1, 3]) {
        const otherEnv = await createTestGcp();
        for (const call of calls) otherEnv.gcp.failNext(call, fault, times);
        expect(await otherEnv.provision(otherEnv.deployment(mastodon))).toMatchObject(succeeded);
        expect(otherEnv.inventory().length).toBe(fullCount);
        // A key whose response was lost is replaced by another.
        const replacedKeys = fault === "lost" ? times : 0;
        expect(creations(otherEnv).length - count).toBeLessThanOrEqual(replacedKeys);
        expect(otherEnv.gcp.bugs).toEqual([]);
        await otherEnv.close();
      }
    },
  );

  test("retries throttling of every request after Google's Retry-After", async () => {
    env.gcp.failNext("*", { ...rateLimited, headers: { "retry-after": "45" } }, 8);
    expect(await env.provision(env.deployment(guestbook))).toMatchObject(succeeded);
    expect(env.time.now() - env.time.start).toBeGreaterThan(7 * 45_000);
  });

  test("reads an IAM policy again when it changed meanwhile", async () => {
    env.gcp.failNext("cloudresourcemanager.projects.setIamPolicy", aborted("There were concurrent policy changes."), 3);
    env.gcp.failNext("storage.buckets.setIamPolicy", { status: 412, code: "conditionNotMet", message: "etag" }, 2);
    expect(await env.provision(env.deployment(mastodon))).toMatchObject(succeeded);
  });

  test("gives a database deleted by hand another name, as Google blocks the old one for a week", async () => {
    const first = env.deployment(guestbook, { keep: "yes" });
    env.gcp.google.scenario.build = "the build is broken";
    await env.provision(first);
    env.gcp.google.scenario.build = null;
    const [database] = resourcesOfKind("instance");
    env.project.resources.delete(`sqladmin/${database?.name}`);
    env.project.reservedNames.set(`sqladmin/${database?.name}`, Infinity);
    const line = first.ledger.get("database");
    if (line)
      Object.assign(line, {
        state: "running",
        data: { ...line.data, "instance:is": "asked", "instance:operation": null },
      });
    expect(await env.retry(first)).toMatchObject(succeeded);
    expect(resourcesOfKind("instance").map(({ body }) => body.name)).toEqual(["guestbook-d1a2b3c4-database-2"]);
  });
});

describe("an organization policy", () => {
  test("that requires the invoker check is respected: allUsers may invoke", async () => {
    env.project.constraints.set("run.managed.requireInvokerIam", { enforce: true });
    expect(await env.provision(env.deployment(guestbook))).toMatchObject(succeeded);
    const [service] = resourcesOfKind("services");
    expect(service?.body.invokerIamDisabled ?? false).toBe(false);
    expect(JSON.stringify(service?.policy)).toContain("allUsers");
  });

  test("that forbids public services is reported", async () => {
    env.project.constraints.set("run.managed.requireInvokerIam", { enforce: true });
    env.project.constraints.set("iam.allowedPolicyMemberDomains", { allow: ["C0123"] });
    const deployment = env.deployment(guestbook);
    expect(await env.provision(deployment)).toMatchObject({
      state: "failed",
      error: { next: expect.stringContaining("ask its administrators"), step: "web" },
    });
    expect(env.inventory()).toEqual([]);
  });

  test("that forbids databases with a public IP is reported", async () => {
    env.project.constraints.set("sql.restrictPublicIp", { enforce: true });
    expect(await env.provision(env.deployment(guestbook))).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("constraints/sql.restrictPublicIp"),
        next: expect.stringContaining("databases with a public address"),
        step: "database",
      },
    });
  });
});

describe("errors are reported in Google's words, with advice", () => {
  const cases: [string, Problem, RegExp][] = [
    ["run.projects.locations.services.create", quotaExceeded, /higher quota/],
    ["run.projects.locations.services.create", billingDisabled("123456789012"), /Link a billing account/],
    [
      "iam.projects.serviceAccounts.create",
      orgPolicy("constraints/iam.disableServiceAccountCreation", "x"),
      /policy of your organisation/,
    ],
    [
      "redis.projects.locations.instances.create",
      { status: 403, code: "PERMISSION_DENIED", message: "Permission 'redis.instances.create' denied on 'x'" },
      /redis\.instances\.create/,
    ],
    [
      "sqladmin.instances.insert",
      { status: 403, code: "notAuthorized", message: "The client is not authorized to make this request." },
      /Owner is enough/,
    ],
  ];
  test.each(cases)("%s", async (call, problem, next) => {
    env.gcp.failNext(call, problem, 1_000);
    const state = await env.provision(env.deployment(guestbook));
    expect(state).toMatchObject({
      state: "failed",
      error: { message: `Google says: ${problem.message}`, next: expect.stringMatching(next) },
    });
    expect(env.inventory()).toEqual([]);
  });

  test("billing disabled from the start", async () => {
    env.project.billing = null;
    expect(await env.provision(env.deployment(guestbook))).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("Billing must be enabled"),
        next: expect.stringContaining("Link a billing account"),
        step: "apis",
      },
    });
  });
});

describe("asynchronous failures", () => {
  type SetFailure = (scenario: TestGcp["gcp"]["google"]["scenario"]) => void;
  const cases: [string, SetFailure, string, RegExp][] = [
    [
      "a database",
      (scenario) => scenario.creations.set("instances/guestbook-d1a2b3c4-database", "An unknown error occurred."),
      "database",
      /unknown error/,
    ],
    [
      "Redis",
      (scenario) => scenario.creations.set("guestbook-d1a2b3c4-redis", "There is no capacity in the zone."),
      "redis",
      /no capacity/,
    ],
    ["a build", (scenario) => (scenario.build = "npm error missing script: build"), "build", /missing script/],
    ["a job", (scenario) => scenario.jobs.set("release", 3), "release", /exit code: 3/],
    [
      "a service",
      (scenario) =>
        scenario.creations.set(
          "services/guestbook",
          "The user-provided container failed to start and listen on the port",
        ),
      "web",
      /failed to start/,
    ],
    ["the app", (scenario) => (scenario.app = () => 503), "answer", /answers with 503/],
  ];
  const clearFailures: SetFailure = (scenario) => {
    scenario.creations.clear();
    scenario.jobs.clear();
    Object.assign(scenario, { build: null, app: () => 200 });
  };

  test.each(cases)("%s: everything is deleted, and a retry creates it again", async (_, setFailure, step, message) => {
    setFailure(env.gcp.google.scenario);
    const deployment = env.deployment(guestbook);
    expect(await env.provision(deployment)).toMatchObject({
      state: "failed",
      error: { message: expect.stringMatching(message), next: expect.stringContaining("taken away again"), step },
    });
    expect(env.inventory()).toEqual([]);
    clearFailures(env.gcp.google.scenario);
    expect(await env.retry(deployment)).toMatchObject(succeeded);
  });

  test.each(cases)("%s: kept, a retry creates only that again", async (_, setFailure, step) => {
    setFailure(env.gcp.google.scenario);
    const deployment = env.deployment(guestbook, { keep: "yes" });
    expect(await env.provision(deployment)).toMatchObject({ state: "failed", error: { step } });
    expect(env.inventory().length).toBeGreaterThan(3);
    const before = creations(env).length;
    // The cause remains: it fails again, and its resources are kept.
    expect(await env.retry(deployment)).toMatchObject({ state: "failed", error: { step } });
    clearFailures(env.gcp.google.scenario);
    expect(await env.retry(deployment)).toMatchObject(succeeded);
    expect(before).toBeGreaterThan(3);
    expect(resourcesOfKind("instance")).toHaveLength(1);
    expect(resourcesOfKind("services")).toHaveLength(1);
    expect(await env.remove(deployment)).toEqual({ type: "state", state: "removed" });
    expect(env.inventory()).toEqual([]);
  });
});

describe("expired access", () => {
  const renewAccess = (deployment: Deployment) => {
    rearm(deployment);
    return env.provision({ ...deployment, access: { ...deployment.access, token: env.gcp.token() } });
  };

  test("at any request: everything is kept, and with new access it resumes and creates nothing twice", async () => {
    await env.provision(env.deployment(guestbook));
    const count = env.gcp.requests.length;
    const creationCount = creations(env).length;
    const fullCount = env.inventory().length;
    for (let nth = 2; nth < count; nth += 11) {
      await env.close();
      env = await createTestGcp();
      // From then on the old token is rejected.
      const { fetch } = env.dependencies;
      const lastRequest = nth;
      env.dependencies.fetch = ((...args: Parameters<typeof fetch>) => {
        if (env.gcp.requests.length >= lastRequest) env.gcp.expireTokens();
        return fetch(...args);
      }) as typeof fetch;
      const deployment = env.deployment(guestbook);
      const state = await env.provision(deployment);
      expect(state, `request ${nth}`).toMatchObject({
        state: "failed",
        error: {
          lapsed: true,
          message: expect.stringContaining("access"),
          next: expect.stringContaining("to continue"),
        },
      });
      env.dependencies.fetch = fetch;
      expect(await renewAccess(deployment), `request ${nth}`).toMatchObject(succeeded);
      expect(creations(env).length, `request ${nth}`).toBe(creationCount);
      expect(env.inventory().length, `request ${nth}`).toBe(fullCount);
      expect(env.gcp.bugs).toEqual([]);
    }
  });

  test("after another failure reports what is left, and resumes with new access", async () => {
    env.gcp.google.scenario.jobs.set("release", 1);
    env.gcp.failNext("artifactregistry.projects.locations.repositories.delete", unauthenticated, 99);
    const deployment = env.deployment(guestbook);
    const state = await env.provision(deployment);
    expect(state).toMatchObject({
      state: "failed",
      error: { lapsed: true, next: expect.stringContaining("Left in visitors-project") },
    });
    env.gcp.clearFaults();
    env.gcp.google.scenario.jobs.clear();
    expect(await renewAccess(deployment)).toMatchObject(succeeded);
  });
});

test("retries while a service account, a role and an API propagate", async () => {
  await env.provision(env.deployment(guestbook));
  const refused = (call: string, status: number) =>
    env.gcp.requests.filter((item) => item.call === call && item.status === status).length;
  expect(refused("iam.projects.serviceAccounts.create", 403)).toBeGreaterThan(0);
  expect(refused("cloudresourcemanager.projects.setIamPolicy", 400)).toBeGreaterThan(0);
});

test("no secret is in an event, the ledger or an error", async () => {
  const names = ["SECRET_KEY_BASE", "OTP_SECRET", "VAPID_PRIVATE_KEY"];
  env.gcp.google.scenario.lines = names.map((name) => `${name} is ${secretAnswer(name)}`);
  env.gcp.google.scenario.creations.set(
    "services/",
    `The container failed to start with ${secretAnswer("OTP_SECRET")}`,
  );
  const deployment = env.deployment(mastodon, { keep: "yes" });
  const failed = await env.provision(deployment);
  expect(failed?.state).toBe("failed");
  const secrets = [
    env.token,
    ...names.map(secretAnswer),
    ...resourcesOfKind("redis").map(authString),
    ...resourcesOfKind("hmacKey").map(({ body }) => hmacSecret(`${body.accessId}`)),
    deployment.deriveSecret("database"),
  ];
  expect(secrets.length).toBeGreaterThan(5);
  env.gcp.google.scenario.creations.clear();
  expect(await env.retry(deployment)).toMatchObject(succeeded);
  await env.remove(deployment);
  const visible = JSON.stringify([deployment.events, [...deployment.ledger.values()], failed]);
  for (const secret of secrets) expect(visible).not.toContain(secret);
  expect(logLines(deployment).join("\n")).toContain("SECRET_KEY_BASE is •••");
});

test("a stopping server abandons the run at once, and the next one resumes it", async () => {
  const abort = new AbortController();
  const deployment = env.deployment(guestbook);
  const run = { ...deployment, draining: abort.signal };
  setTimeout(() => abort.abort(), 20);
  const state = await env.provision(run);
  expect(state === null || state.state === "succeeded").toBe(true);
  expect(await env.provision(deployment)).toMatchObject(succeeded);
  expect(resourcesOfKind("instance")).toHaveLength(1);
  await env.remove(deployment);
  expect(env.inventory()).toEqual([]);
});
