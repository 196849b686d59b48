import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Variable } from "../../src/app.ts";
import { aws } from "../../src/clouds/aws/index.ts";
import { type Access, type Cloud, type DeploymentEvent, OperationalError } from "../../src/clouds/cloud.ts";
import { gcp } from "../../src/clouds/gcp/index.ts";
import { local } from "../../src/clouds/local/index.ts";
import { CloudId, Note, Plan, Preset, Remark } from "../../src/plan.ts";
import { createTestAws } from "../fakes/aws/test-aws.ts";
import { createTestGcp } from "../fakes/gcp/test-gcp.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../harness/apps.ts";
import { aDeployment, consume } from "./consumer.ts";

// One contract, which every cloud keeps.

const dataDir = mkdtempSync(join(tmpdir(), "slipway-test-"));
const testAws = await createTestAws();
const testGcp = await createTestGcp();
afterAll(async () => {
  rmSync(dataDir, { recursive: true, maxRetries: 5 });
  await testAws.close();
  await testGcp.close();
});
const all = [
  local({ dataDir, path: process.env.PATH ?? "", environment: process.env }),
  aws(testAws.dependencies),
  gcp(testGcp.dependencies),
];
/** What a visitor has lent each of them. */
const lent: Record<string, Access> = {
  local: {},
  aws: await testAws.createRole(),
  gcp: { token: testGcp.token, project: testGcp.project.id, network: "default", subnet: "default", keep: "no" },
};

const apps = {
  small: anApp(),
  large: anApp({
    services: [
      aService({ health: { path: "/up" } }),
      aService({
        name: "worker",
        command: "node worker.js",
        public: false,
        port: null,
        size: "XL",
        scale: { min: 0, max: 9 },
      }),
    ],
    jobs: [
      aJob(),
      aJob({ name: "seed", when: "first" }),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" }),
    ],
    resources: (["postgres", "redis", "mysql", "bucket", "smtp", "mongodb", "memcached", "amqp"] as const).map((type) =>
      aResource({ name: type, type, version: "1", size: "L" }),
    ),
  }),
  hostile: anApp({
    name: '"><script>alert(1)</script>',
    services: [aService({ name: "../$(reboot)\n'\"", command: "'; rm -rf / #" })],
    jobs: [aJob({ name: "${env}", command: "`id`" })],
    resources: [aResource({ name: "<b>", env: { "A B": "${nothing}" } })],
  }),
  told: anApp({
    env: { URL: "${app.url}", PEER: "http://${service.api.host}:3000", PRICE: "$$5" },
    services: [
      aService({ env: { ONLY: "web" }, health: { path: "/up", grace: 90, timeout: 3 } }),
      aService({ name: "api", public: false, port: 3000, volumes: [{ name: "data", mount: "/app/data", size: 1 }] }),
    ],
    jobs: [
      aJob({ timeout: 60, size: "M" }),
      aJob({ name: "tick", when: "schedule", schedule: "* * * * *", timeout: 5 }),
    ],
    variables: [aVariable({ name: "SITE", default: "${app.url}/" }), aVariable({ name: "AMQP_URL" })],
    resources: [
      aResource({ options: { storage: 20, ha: true } }),
      ...["queue", "other"].map((name) => aResource({ name, type: "amqp", env: { AMQP_URL: "${url}" } })),
    ],
    overrides: { local: { services: { web: { size: "L" } } }, aws: { services: { web: { size: "L" } } } },
  }),
  empty: anApp({ services: [], build: { kind: "command", command: null, publish: null } }),
  image: anApp({ build: { kind: "image", image: "ghcr.io/owner/app:1" }, services: [aService({ command: null })] }),
};

const refused = new OperationalError("The repository is gone.", "Look where it went.");

/** A deployment that the cloud, or whoever it depends on, says no to. */
function refusing(cloud: Cloud, more: Parameters<typeof aDeployment>[3] = {}) {
  const what = { code: "LimitExceeded", message: refused.message, status: 400 };
  if (cloud.id === "aws") testAws.aws.failNext("CreateStack", what, 1);
  if (cloud.id === "gcp")
    testGcp.gcp.failNext("serviceusage.services.batchEnable", { ...what, status: 403, code: "PERMISSION_DENIED" }, 1);
  const fetchSource = () => Promise.reject(refused);
  return aDeployment(cloud, apps.image, {}, { fetchSource, access: lent[cloud.id] ?? {}, ...more });
}

test("clouds have ids of their own", () => {
  const ids = all.map(({ id }) => CloudId.parse(id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(0);
});

describe.each(all.map((cloud) => [cloud.name, cloud] as const))("%s", (_, cloud) => {
  test("has regions with names, each once", () => {
    expect(cloud.name).toBeTruthy();
    expect(cloud.regions.length).toBeGreaterThan(0);
    expect(new Set(cloud.regions.map(({ id }) => id)).size).toBe(cloud.regions.length);
    for (const { name } of cloud.regions) expect(name).toBeTruthy();
  });

  test.each(Object.entries(apps))("says of the %s app what it cannot do, in sentences", (_, app) => {
    for (const remark of cloud.support(app)) {
      Remark.parse(remark);
      expect(remark.message).toMatch(/\S.*[.)]$/s);
    }
    expect(cloud.support(app)).toEqual(cloud.support(structuredClone(app)));
  });

  test.each(Object.entries(apps))("asks for each variable of the %s app once, its own among them", (_, app) => {
    const asked = cloud.variables(app).map((one) => Variable.parse(one));
    const names = asked.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(app.variables.map(({ name }) => name)));
  });

  test.each(Object.entries(apps))(
    "makes the same plan of the %s app each time, and leaves the app as it was",
    (_, app) => {
      const before = structuredClone(app);
      for (const region of cloud.regions)
        for (const preset of Preset.options) {
          const choice = { region: region.id, preset };
          const plan = cloud.compile(app, choice);
          expect(plan).toMatchObject({ cloud: cloud.id, ...choice });
          expect(cloud.compile(structuredClone(app), choice)).toEqual(plan);
          expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
        }
      expect(app).toEqual(before);
    },
  );

  test.each(Object.entries(apps))("prices the %s app line by line, and the lines add up", (_, app) => {
    for (const { id } of cloud.regions) {
      const { lines, monthly, steps } = cloud.compile(app, { region: id, preset: "economy" });
      const known = lines.map((line) => line.monthly).filter((price) => price !== null);
      for (const price of known) expect(price).toBeGreaterThanOrEqual(0);
      if (monthly !== null)
        expect(monthly).toBeCloseTo(
          known.reduce((sum, price) => sum + price, 0),
          2,
        );
      for (const line of lines) expect(line.what).toBeTruthy();
      const names = steps.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const { title } of steps) expect(title).toBeTruthy();
    }
  });

  test("reads whatever is sent as access, into access or problems", () => {
    expect(cloud.connect.summary).toMatch(/\.$/);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (input) => {
        const read = cloud.connect.parse(input);
        if (read.ok) for (const value of Object.values(read.value)) expect(typeof value).toBe("string");
        else for (const problem of read.problems) Note.parse(problem);
      }),
    );
  });

  test("ends in a failure with a next step when it is refused, and does not throw", async () => {
    const run = refusing(cloud);
    const state = await consume(run, cloud.provision(run));
    const said = expect.stringContaining(refused.message);
    expect(state).toMatchObject({ state: "failed", error: { message: said, next: expect.stringMatching(/\w.*\.$/) } });
    const failed = run.events.filter((event) => event.type === "step" && event.state === "failed");
    expect(new Set(failed.map((event) => "name" in event && event.name)).size).toBe(1);
    expect(run.events.at(-1)).toEqual(state);
  });

  test("speaks only of steps of its plan, and says each one runs before it is done", async () => {
    const run = refusing(cloud);
    const planned = run.plan.steps.map(({ name }) => name);
    await consume(run, cloud.provision(run));
    const running = new Set<string>();
    for (const event of run.events) {
      if (event.type === "log") expect(running).toContain(event.step);
      if (event.type !== "step") continue;
      expect(planned).toContain(event.name);
      if (event.state === "running") running.add(event.name);
      else expect(running).toContain(event.name);
    }
  });

  test("begins nothing for a server that wants to stop, and says no end", async () => {
    const run = refusing(cloud, { drainSignal: AbortSignal.abort() });
    expect(await consume(run, cloud.provision(run))).toBeNull();
    expect(run.events).toEqual([]);
  });

  test("lets go of a deployment that its visitor has stopped", async () => {
    const run = refusing(cloud, { signal: AbortSignal.abort() });
    expect(await consume(run, cloud.provision(run))).toBeNull();
  });

  test("takes a failed deployment away, twice if need be, and one that never began", async () => {
    const run = refusing(cloud);
    await consume(run, cloud.provision(run));
    const removed: DeploymentEvent = { type: "state", state: "removed" };
    expect(await consume(run, cloud.remove(run))).toEqual(removed);
    for (const { state } of run.ledger.values()) expect(["removed", "waiting"]).toContain(state);
    expect(await consume(run, cloud.remove(run))).toEqual(removed);
    const unborn = refusing(cloud, { id: "unborn" });
    expect(await consume(unborn, cloud.remove(unborn))).toEqual(removed);
  });
});
