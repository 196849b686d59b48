import { expect, test } from "vitest";
import type { Cloud, DeploymentEvent } from "../../src/clouds/cloud.ts";
import { local } from "../../src/clouds/local/index.ts";
import { statsOf } from "../../src/data/store/stats.ts";
import { classifyFailure, internalErrorMessage } from "../../src/deployments/failure-reasons.ts";
import { anApp, aVariable } from "../harness/apps.ts";
import { allTime, collectStream, createScriptedCloud, createTestDeployments } from "../harness/scripted-cloud.ts";

const app = anApp();
/** A cloud whose steps do not tell whose command failed, one whose steps do, and the one whose own words are sorted. */
const clouds: Record<string, Pick<Cloud, "runsAppCommand">> = {
  silent: {},
  telling: { runsAppCommand: (step) => step === "build" },
  local: local({ dataDir: "", path: "" }),
};
const of = (message: string, more: { step?: string; cloud?: string } = {}) => {
  const { step = "stack", cloud = "silent" } = more;
  return classifyFailure({ message, next: "Try again.", step }, { cloud: clouds[cloud], app, conceal: (text) => text });
};

test.each([
  [
    "The following resource(s) failed to create: [Db12, Web7]. User is not authorized (request 8f2d4c1a-0000-4000-8000-1234567890ab)",
    "The following resource(s) failed to create: [Db3, Web99]. User is not authorized (request 00000000-aaaa-4bbb-8ccc-999999999999)",
  ],
  ["Bucket 'acme-prod' already exists", "Bucket 'other-prod' already exists"],
  ["Quota of 5 exceeded in 123456789012", "Quota of 20 exceeded in 999999999999"],
  ["web did not start.\nError: cannot find module x", "web did not start.\nError: something else"],
])("%s is of the same kind as %s", (first, other) => expect(of(first).reason).toBe(of(other).reason));

test("messages with different words are of different kinds", () => {
  expect(of("No such role").reason).not.toBe(of("No such bucket").reason);
});

test.each([
  ["slipway-hello-abc123def456 failed in i-0abc123def4567890", "••• failed in •••"],
  ["db.cluster-x.internal refused", "••• refused"],
  ["ENOENT: /home/ada/projects/secret/app.js, line 3", "ENOENT: /•••, line 3"],
  ["account 123456 has 2 VPCs", "account ••• has 2 VPCs"],
])("%s is told as %s", (message, shown) => expect(of(message).message).toBe(shown));

test("a failure is attributed by its message to the app, with a remedy, or to the cloud, or to us", () => {
  expect(of("(service web) did not stabilize: circuit breaker")).toMatchObject({
    fault: "app",
    next: expect.stringContaining("PORT"),
  });
  expect(of("COMMAND_EXECUTION_ERROR: npm run build. Reason: exit status 1")).toMatchObject({
    fault: "app",
    next: expect.stringContaining("release"),
  });
  expect(of("Build ended with 1.", { cloud: "telling", step: "build" })).toMatchObject({ fault: "app" });
  expect(of("Redis is not installed on this machine.", { cloud: "telling", step: "cache" })).toMatchObject({
    fault: "cloud",
    next: "Try again.",
  });
  expect(of("You have exceeded your quota")).toMatchObject({ fault: "cloud", next: "Try again." });
  expect(of(internalErrorMessage)).toMatchObject({ fault: "slipway" });
});

test("a very long message is processed quickly and stored short", () => {
  for (const text of [
    "a-".repeat(50_000),
    "a.".repeat(50_000),
    "1".repeat(100_000),
    "/home/".repeat(20_000),
    "'\"`".repeat(30_000),
  ]) {
    const { message, reason } = of(text);
    expect([message.length <= 1000, reason.length <= 200]).toEqual([true, true]);
  }
});

test("no reason contains an answer, and a retry uncounts the failure's reason", async () => {
  const failing: DeploymentEvent = {
    type: "state",
    state: "failed",
    error: { message: "forum.ada.example is no name for a.lovelace@example.com", next: "Mend it.", step: "web" },
  };
  const ends: DeploymentEvent[] = [failing, { type: "state", state: "succeeded", url: null }];
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      const end = ends.shift();
      if (end) yield end;
    }),
  });
  const repo = "local/examples/hello";
  const hosted = anApp({ ...order.app, variables: [aVariable({ name: "HOST_NAME" }), aVariable({ name: "EMAIL" })] });
  const env = { HOST_NAME: "forum.ada.example", EMAIL: "a.lovelace@example.com" };
  const { id } = story.start({ ...order, app: hosted, env });
  await collectStream(story, id);
  const { failures, totals, seconds } = statsOf(db, repo, allTime);
  expect(totals).toMatchObject({ start: 1, failure: 1, success: 0 });
  expect(failures).toMatchObject([{ count: 1, clouds: [{ id: "script", count: 1 }] }]);
  expect(JSON.stringify(failures)).not.toMatch(/ada|lovelace/);
  expect(seconds).toBeNull();
  expect(story.retry(id)).toBe(true);
  await collectStream(story, id);
  expect(statsOf(db, repo, allTime)).toMatchObject({
    totals: { start: 1, failure: 0, success: 1 },
    failures: [],
    seconds: { count: 1 },
    clouds: [{ id: "script", start: 1, success: 1, failure: 0, removal: 0 }],
  });
});

test("the duration is that of the successful attempt", async () => {
  let time = Date.parse("2026-11-22T10:00:00Z");
  const ends: (() => DeploymentEvent)[] = [
    () => ({ type: "state", state: "failed", error: { message: "no", next: "", step: "" } }),
    () => {
      time += 90_000;
      return { type: "state", state: "succeeded", url: null };
    },
  ];
  const { story, db, order } = createTestDeployments({
    now: () => new Date(time),
    cloud: createScriptedCloud(async function* () {
      const end = ends.shift();
      if (end) yield end();
    }),
  });
  const { id } = story.start(order);
  await collectStream(story, id);
  time += 40 * 60_000;
  story.retry(id);
  await collectStream(story, id);
  expect(statsOf(db, "local/examples/hello", allTime).seconds).toEqual({ count: 1, median: 90, p95: 90 });
});

test.each([
  ["build", "`npm ci` ended with code 1: a host on the network could not be reached.", "cloud", "Try again."],
  ["build", "`npm ci` ended with code 1: the package registry refused the request.", "cloud", "Try again."],
  ["build", "`npm ci` ended with code 1: the package registry has no such package or version.", "app", "lockfile"],
  ["build", "`npm run build` ended with code 1: the disk is full.", "cloud", "Try again."],
  ["build", "`npm run build` ended with code 134: it ran out of memory.", "cloud", "Try again."],
  ["build", "A Go app needs go, which is not on the PATH here.", "cloud", "Try again."],
  ["build", "`make` ended with code 127: the program make is not there.", "app", "fresh checkout"],
  ["web", "web listens on port 4321, not on the port in the variable PORT (20123).", "app", "fixed one"],
  [
    "web",
    "web ended with code 1 right after its start: it tried to listen on port 3000, which another program uses.",
    "app",
    "fixed one",
  ],
  [
    "web",
    "web ended with code 1 right after its start.\nError: a host on the network could not be reached",
    "app",
    "crashes",
  ],
  ["health", "web answers with status 503 at /up after 60 seconds.", "app", "Try again."],
])("on this machine, in the step %s, %s is the fault of: %s", (step, message, fault, next) => {
  expect(of(message, { cloud: "local", step })).toMatchObject({ fault, next: expect.stringContaining(next) });
});

test("each cause on this machine is a reason of its own, whatever the numbers", () => {
  const reasonOf = (message: string) => of(message, { cloud: "local", step: "web" }).reason;
  expect(reasonOf("web listens on port 4321, not on the port in the variable PORT (20123).")).toBe(
    reasonOf("web listens on port 3000, not on the port in the variable PORT (31999)."),
  );
  expect(reasonOf("web ended with code 1 right after its start: the disk is full.\nError: ENOSPC")).not.toBe(
    reasonOf("web ended with code 1 right after its start.\nError: no database"),
  );
});
