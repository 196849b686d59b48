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

let here: TestGcp;
beforeEach(async () => {
  here = await createTestGcp();
});
afterEach(async () => {
  expect(here.gcp.bugs).toEqual([]);
  await here.close();
});

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");
const apps = { guestbook, discourse: manifest("discourse"), mastodon };
const succeeded = { state: "succeeded", url: expect.stringMatching(/^https:\/\/.+\.run\.app/) };

const creations = (which: TestGcp) =>
  which.gcp.requests.filter(({ call, status }) => status === 200 && /\.(create|insert|run|addVersion)$/.test(call));
const resources = (kind: string) => [...here.project.resources.values()].filter((one) => one.kind === kind);

describe.each(Object.entries(apps))("%s", (_, app) => {
  test("is deployed, responds, and is removed without a trace", async () => {
    const deployment = here.deployment(app);
    expect(await here.provision(deployment)).toMatchObject(succeeded);
    expect([...deployment.ledger.values()].map(({ state }) => state)).toEqual(
      [...deployment.ledger.values()].map(() => "done"),
    );
    const { steps } = deployment.plan.stack as unknown as Stack;
    expect(here.inventory().length).toBeGreaterThan(steps.length);
    expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
    expect(here.inventory()).toEqual([]);
  });
});

test.each(["standard", "production"] as const)(
  "deploys as %s, and lifts deletion protection on removal",
  async (preset) => {
    const deployment = here.deployment(mastodon);
    deployment.plan = compile(mastodon, { region: "europe-west1", preset });
    expect(await here.provision(deployment)).toMatchObject(succeeded);
    here.gcp.putObject(resources("bucket")[0] as Resource, "a/file");
    expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
    // Google keeps the final backup of a protected database.
    const kept = preset === "production" ? [expect.stringMatching(/^sqladmin\/.*\/backups\//)] : [];
    expect(here.inventory()).toEqual(kept);
    if (preset === "production") expect(logLines(deployment).join("\n")).toContain("a last backup of the database");
  },
);

test("a second app in the same project shares only the enabled APIs", async () => {
  const first = here.deployment(guestbook);
  const second = here.deployment(guestbook, {}, "another1another2");
  await here.provision(first);
  const before = here.inventory();
  expect(await here.provision(second)).toMatchObject(succeeded);
  expect(await here.remove(second)).toEqual({ type: "state", state: "removed" });
  expect(here.inventory()).toEqual(before);
});

describe("transient errors", () => {
  test.each(["lost", "unsent", unavailable, rateLimited] as const)(
    "%o on each creating request, once or three times, still creates it once",
    async (what) => {
      await here.provision(here.deployment(mastodon));
      const calls = [...new Set(creations(here).map(({ call }) => call))];
      const count = creations(here).length;
      const whole = here.inventory().length;
      for (const times of [1, 3]) {
        const other = await createTestGcp();
        for (const call of calls) other.gcp.failNext(call, what, times);
        expect(await other.provision(other.deployment(mastodon))).toMatchObject(succeeded);
        expect(other.inventory().length).toBe(whole);
        // A key whose response was lost is replaced by another.
        const more = what === "lost" ? times : 0;
        expect(creations(other).length - count).toBeLessThanOrEqual(more);
        expect(other.gcp.bugs).toEqual([]);
        await other.close();
      }
    },
  );

  test("retries throttling of every request after Google's Retry-After", async () => {
    here.gcp.failNext("*", { ...rateLimited, headers: { "retry-after": "45" } }, 8);
    expect(await here.provision(here.deployment(guestbook))).toMatchObject(succeeded);
    expect(here.time.now() - here.time.start).toBeGreaterThan(7 * 45_000);
  });

  test("reads an IAM policy again when it changed meanwhile", async () => {
    here.gcp.failNext(
      "cloudresourcemanager.projects.setIamPolicy",
      aborted("There were concurrent policy changes."),
      3,
    );
    here.gcp.failNext("storage.buckets.setIamPolicy", { status: 412, code: "conditionNotMet", message: "etag" }, 2);
    expect(await here.provision(here.deployment(mastodon))).toMatchObject(succeeded);
  });

  test("gives a database deleted by hand another name, as Google blocks the old one for a week", async () => {
    const first = here.deployment(guestbook, { keep: "yes" });
    here.gcp.google.scenario.build = "the build is broken";
    await here.provision(first);
    here.gcp.google.scenario.build = null;
    const [database] = resources("instance");
    here.project.resources.delete(`sqladmin/${database?.name}`);
    here.project.reservedNames.set(`sqladmin/${database?.name}`, Infinity);
    const line = first.ledger.get("database");
    if (line)
      Object.assign(line, {
        state: "running",
        data: { ...line.data, "instance:is": "asked", "instance:operation": null },
      });
    expect(await here.retry(first)).toMatchObject(succeeded);
    expect(resources("instance").map(({ body }) => body.name)).toEqual(["guestbook-d1a2b3c4-database-2"]);
  });
});

describe("an organization policy", () => {
  test("that requires the invoker check is respected: allUsers may invoke", async () => {
    here.project.constraints.set("run.managed.requireInvokerIam", { enforce: true });
    expect(await here.provision(here.deployment(guestbook))).toMatchObject(succeeded);
    const [service] = resources("services");
    expect(service?.body.invokerIamDisabled ?? false).toBe(false);
    expect(JSON.stringify(service?.policy)).toContain("allUsers");
  });

  test("that forbids public services is reported", async () => {
    here.project.constraints.set("run.managed.requireInvokerIam", { enforce: true });
    here.project.constraints.set("iam.allowedPolicyMemberDomains", { allow: ["C0123"] });
    const deployment = here.deployment(guestbook);
    expect(await here.provision(deployment)).toMatchObject({
      state: "failed",
      error: { next: expect.stringContaining("ask its administrators"), step: "web" },
    });
    expect(here.inventory()).toEqual([]);
  });

  test("that forbids databases with a public IP is reported", async () => {
    here.project.constraints.set("sql.restrictPublicIp", { enforce: true });
    expect(await here.provision(here.deployment(guestbook))).toMatchObject({
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
    here.gcp.failNext(call, problem, 1_000);
    const state = await here.provision(here.deployment(guestbook));
    expect(state).toMatchObject({
      state: "failed",
      error: { message: `Google says: ${problem.message}`, next: expect.stringMatching(next) },
    });
    expect(here.inventory()).toEqual([]);
  });

  test("billing disabled from the start", async () => {
    here.project.billing = null;
    expect(await here.provision(here.deployment(guestbook))).toMatchObject({
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
  type Wish = (scenario: TestGcp["gcp"]["google"]["scenario"]) => void;
  const cases: [string, Wish, string, RegExp][] = [
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
  const calm: Wish = (scenario) => {
    scenario.creations.clear();
    scenario.jobs.clear();
    Object.assign(scenario, { build: null, app: () => 200 });
  };

  test.each(cases)("%s: everything is deleted, and a retry creates it again", async (_, wish, step, words) => {
    wish(here.gcp.google.scenario);
    const deployment = here.deployment(guestbook);
    expect(await here.provision(deployment)).toMatchObject({
      state: "failed",
      error: { message: expect.stringMatching(words), next: expect.stringContaining("taken away again"), step },
    });
    expect(here.inventory()).toEqual([]);
    calm(here.gcp.google.scenario);
    expect(await here.retry(deployment)).toMatchObject(succeeded);
  });

  test.each(cases)("%s: kept, a retry creates only that again", async (_, wish, step) => {
    wish(here.gcp.google.scenario);
    const deployment = here.deployment(guestbook, { keep: "yes" });
    expect(await here.provision(deployment)).toMatchObject({ state: "failed", error: { step } });
    expect(here.inventory().length).toBeGreaterThan(3);
    const before = creations(here).length;
    // The cause remains: it fails again, and its resources are kept.
    expect(await here.retry(deployment)).toMatchObject({ state: "failed", error: { step } });
    calm(here.gcp.google.scenario);
    expect(await here.retry(deployment)).toMatchObject(succeeded);
    expect(before).toBeGreaterThan(3);
    expect(resources("instance")).toHaveLength(1);
    expect(resources("services")).toHaveLength(1);
    expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
    expect(here.inventory()).toEqual([]);
  });
});

describe("expired access", () => {
  const renewed = (deployment: Deployment) => {
    rearm(deployment);
    return here.provision({ ...deployment, access: { ...deployment.access, token: here.gcp.token() } });
  };

  test("at any request: everything is kept, and with new access it resumes and creates nothing twice", async () => {
    await here.provision(here.deployment(guestbook));
    const count = here.gcp.requests.length;
    const made = creations(here).length;
    const whole = here.inventory().length;
    for (let nth = 2; nth < count; nth += 11) {
      await here.close();
      here = await createTestGcp();
      // From then on the old token is rejected.
      const { fetch } = here.dependencies;
      const until = nth;
      here.dependencies.fetch = ((...args: Parameters<typeof fetch>) => {
        if (here.gcp.requests.length >= until) here.gcp.expireTokens();
        return fetch(...args);
      }) as typeof fetch;
      const deployment = here.deployment(guestbook);
      const state = await here.provision(deployment);
      expect(state, `request ${nth}`).toMatchObject({
        state: "failed",
        error: {
          lapsed: true,
          message: expect.stringContaining("access"),
          next: expect.stringContaining("to continue"),
        },
      });
      here.dependencies.fetch = fetch;
      expect(await renewed(deployment), `request ${nth}`).toMatchObject(succeeded);
      expect(creations(here).length, `request ${nth}`).toBe(made);
      expect(here.inventory().length, `request ${nth}`).toBe(whole);
      expect(here.gcp.bugs).toEqual([]);
    }
  });

  test("after another failure reports what is left, and resumes with new access", async () => {
    here.gcp.google.scenario.jobs.set("release", 1);
    here.gcp.failNext("artifactregistry.projects.locations.repositories.delete", unauthenticated, 99);
    const deployment = here.deployment(guestbook);
    const state = await here.provision(deployment);
    expect(state).toMatchObject({
      state: "failed",
      error: { lapsed: true, next: expect.stringContaining("Left in visitors-project") },
    });
    here.gcp.clearFaults();
    here.gcp.google.scenario.jobs.clear();
    expect(await renewed(deployment)).toMatchObject(succeeded);
  });
});

test("retries while a service account, a role and an API propagate", async () => {
  await here.provision(here.deployment(guestbook));
  const refused = (call: string, status: number) =>
    here.gcp.requests.filter((one) => one.call === call && one.status === status).length;
  expect(refused("iam.projects.serviceAccounts.create", 403)).toBeGreaterThan(0);
  expect(refused("cloudresourcemanager.projects.setIamPolicy", 400)).toBeGreaterThan(0);
});

test("no secret is in an event, the ledger or an error", async () => {
  const names = ["SECRET_KEY_BASE", "OTP_SECRET", "VAPID_PRIVATE_KEY"];
  here.gcp.google.scenario.lines = names.map((name) => `${name} is ${secretAnswer(name)}`);
  here.gcp.google.scenario.creations.set(
    "services/",
    `The container failed to start with ${secretAnswer("OTP_SECRET")}`,
  );
  const deployment = here.deployment(mastodon, { keep: "yes" });
  const failed = await here.provision(deployment);
  expect(failed?.state).toBe("failed");
  const secrets = [
    here.token,
    ...names.map(secretAnswer),
    ...resources("redis").map(authString),
    ...resources("hmacKey").map(({ body }) => hmacSecret(`${body.accessId}`)),
    deployment.deriveSecret("database"),
  ];
  expect(secrets.length).toBeGreaterThan(5);
  here.gcp.google.scenario.creations.clear();
  expect(await here.retry(deployment)).toMatchObject(succeeded);
  await here.remove(deployment);
  const told = JSON.stringify([deployment.events, [...deployment.ledger.values()], failed]);
  for (const secret of secrets) expect(told).not.toContain(secret);
  expect(logLines(deployment).join("\n")).toContain("SECRET_KEY_BASE is •••");
});

test("a stopping server abandons the run at once, and the next one resumes it", async () => {
  const stop = new AbortController();
  const deployment = here.deployment(guestbook);
  const run = { ...deployment, draining: stop.signal };
  setTimeout(() => stop.abort(), 20);
  const state = await here.provision(run);
  expect(state === null || state.state === "succeeded").toBe(true);
  expect(await here.provision(deployment)).toMatchObject(succeeded);
  expect(resources("instance")).toHaveLength(1);
  await here.remove(deployment);
  expect(here.inventory()).toEqual([]);
});
