import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DeploymentEvent } from "../../../src/clouds/cloud.ts";
import { openDb } from "../../../src/data/db.ts";
import { fakeGcp } from "../../fakes/gcp/gcp.ts";
import { createTestGcp, secretAnswer, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { seededRandom } from "../../harness/seeded-random.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, rearm, record } from "../consumer.ts";

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");

async function withTestGcp(work: (testGcp: TestGcp) => Promise<void>) {
  const testGcp = await createTestGcp();
  try {
    await work(testGcp);
    expect(testGcp.gcp.bugs).toEqual([]);
  } finally {
    await testGcp.close();
  }
}

type Verb = "provision" | "remove";

/** Runs processes one after another, each killed after a number of events, until one finishes. */
async function runWithKills(testGcp: TestGcp, deployment: Deployment, verb: Verb, lifetime: () => number) {
  for (let process = 1; ; process++) {
    const events = testGcp.cloud[verb](deployment)[Symbol.asyncIterator]();
    const maxEvents = lifetime();
    for (let count = 0; count < maxEvents; count++) {
      const { value: event, done } = await events.next();
      if (done) throw new Error("it ended without a word");
      record(deployment, event as DeploymentEvent);
      if (event.type === "state") return { event, processes: process };
    }
    // Yields one more event, which the killed process never stores.
    if (process % 2 === 0) await events.next();
    await testGcp.time.idle();
    testGcp.time.advance(3_000);
  }
}

/** Counts how often each resource was created, without Google's generated numbers. */
function countCreations(testGcp: Pick<TestGcp, "gcp">): Record<string, number> {
  const countByName: Record<string, number> = {};
  for (const { call, status, path, query, body } of testGcp.gcp.requests) {
    if (status !== 200 || !/\.(create|insert|run|addVersion)$/.test(call)) continue;
    // A key whose secret was lost with a process is useless: it is deleted and another is created. Setting the database
    // user's password again changes nothing.
    if (/hmacKeys|users\.insert/.test(call) || path.includes("secret-access-key")) continue;
    const key = `${call} ${path}${query} ${/create|insert/.test(call) ? body : ""}`;
    countByName[key] = (countByName[key] ?? 0) + 1;
  }
  return countByName;
}
const duplicates = (testGcp: Pick<TestGcp, "gcp">) =>
  Object.entries(countCreations(testGcp)).flatMap(([what, count]) => (count > 1 ? [`${count} times ${what}`] : []));

const resources = (testGcp: TestGcp) =>
  testGcp.inventory().map((name) =>
    name
      .replace(/GOOG1E\w+/, "KEY")
      .replace(/-[0-9a-f]{5}$/, "-RUN")
      .replace(/-database-\d+/, "-database-N"),
  );

test.each([1, 2, 3, 5, 8])(
  "killed after every %i events, it creates everything once and deletes it",
  { timeout: 120_000 },
  (lifetime) =>
    withTestGcp(async (testGcp) => {
      let allRequests: string[] = [];
      await withTestGcp(async (other) => {
        await other.provision(other.deployment(mastodon));
        allRequests = resources(other);
      });
      const deployment = testGcp.deployment(mastodon);
      const outcome = await runWithKills(testGcp, deployment, "provision", () => lifetime);
      expect(outcome.event).toMatchObject({ state: "succeeded" });
      expect(outcome.processes).toBeGreaterThan(3);
      expect(duplicates(testGcp)).toEqual([]);
      expect(resources(testGcp)).toEqual(allRequests);
      const gone = await runWithKills(testGcp, deployment, "remove", () => lifetime);
      expect(gone.event).toEqual({ type: "state", state: "removed" });
      expect(testGcp.inventory()).toEqual([]);
    }),
);

test("killed after every event of a failed attempt, its removal and the retry", { timeout: 120_000 }, () =>
  withTestGcp(async (testGcp) => {
    testGcp.gcp.google.scenario.creations.set("services/guestbook", "The user-provided container failed to start");
    const deployment = testGcp.deployment(guestbook);
    const failed = await runWithKills(testGcp, deployment, "provision", () => 1);
    expect(failed.event).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("failed to start"),
        next: expect.stringContaining("taken away again"),
        step: "web",
      },
    });
    expect(testGcp.inventory()).toEqual([]);
    testGcp.gcp.google.scenario.creations.clear();
    rearm(deployment);
    expect((await runWithKills(testGcp, deployment, "provision", () => 1)).event).toMatchObject({ state: "succeeded" });
    // Cloud SQL blocks a name for a week.
    expect(testGcp.inventory().filter((name) => /sqladmin.*instances\/[^/]+$/.test(name))).toEqual([
      "sqladmin/projects/visitors-project/instances/guestbook-d1a2b3c4-database-2",
    ]);
  }),
);

test("killed at random, with lost responses, transient errors and removal at any instant, it leaves nothing", {
  timeout: 240_000,
}, async () => {
  for (let seed = 1; seed <= 25; seed++)
    await withTestGcp(async (testGcp) => {
      const random = seededRandom(seed);
      const deployment = testGcp.deployment(seed % 2 === 0 ? guestbook : mastodon);
      for (let count = 0; count < 12; count++)
        testGcp.gcp.failNth(1 + Math.floor(random() * 150), random() < 0.5 ? "lost" : "unsent");
      // After this number of events, the visitor removes it.
      let rest = Math.floor(random() * 90);
      const events = testGcp.cloud.provision(deployment)[Symbol.asyncIterator]();
      let ended = false;
      for (; rest > 0 && !ended; rest--) {
        const { value, done } = await events.next();
        if (done) ended = true;
        else record(deployment, value);
      }
      await testGcp.time.idle();
      const gone = await runWithKills(testGcp, deployment, "remove", () => 1 + Math.floor(random() * 20));
      expect(gone.event, `seed ${seed}`).toEqual({ type: "state", state: "removed" });
      expect(testGcp.inventory(), `seed ${seed}`).toEqual([]);
    });
});

test.each([1, 2, 3])(
  "kill -9 at random instants: everything once, then nothing (seed %i)",
  { timeout: 240_000 },
  async (seed) => {
    // A second of Google's takes four milliseconds here, so a database takes more than one second.
    const gcp = await fakeGcp({ now: Date.now, pace: 4 });
    const dataDir = mkdtempSync(join(tmpdir(), "slipway-gcp-"));
    const project = gcp.project();
    const token = gcp.token();
    const secret = secretAnswer("PAYMENT_KEY");
    const env = { PAYMENT_KEY: secret };
    const options = { dataDir, endpoint: gcp.endpoint, access: { token, project: project.id }, env };
    const random = seededRandom(seed);

    async function runProcesses(verb: Verb) {
      for (let kills = 0; ; kills++) {
        const child: ChildProcess = spawn(
          process.execPath,
          ["test/fakes/gcp/child.ts", JSON.stringify({ ...options, verb })],
          { cwd: join(import.meta.dirname, "../../.."), stdio: ["ignore", "pipe", "inherit"] },
        );
        const gone = once(child, "exit") as Promise<[number | null]>;
        // The process prints a line once it has started, so that none is killed before.
        await Promise.race([once(child.stdout ?? child, "data"), gone]);
        const timer = setTimeout(() => child.kill("SIGKILL"), random() * 900 + kills * 150);
        const [code] = await gone;
        clearTimeout(timer);
        if (code !== null) return { code, kills };
      }
    }

    const countCreations = await runProcesses("provision");
    expect(countCreations.code).toBe(0);
    expect(duplicates({ gcp })).toEqual([]);
    const left = gcp.inventory(project);
    for (const kind of [/^run\/.*\/services\/[^/]+$/, /^sqladmin\/.*\/instances\/[^/]+$/, /^redis\//])
      expect(left.filter((name) => kind.test(name))).toHaveLength(1);
    const gone = await runProcesses("remove");
    expect(gone.code).toBe(0);
    expect(gcp.inventory(project)).toEqual([]);
    expect(countCreations.kills + gone.kills).toBeGreaterThan(1);

    const db = openDb(join(dataDir, "slipway.db"));
    const database = db.$client.serialize().toString("latin1");
    db.$client.close();
    expect(database).toContain("guestbook");
    for (const name of [token, secret]) expect(database).not.toContain(name);
    expect(gcp.bugs).toEqual([]);
    await gcp.close();
    rmSync(dataDir, { recursive: true, maxRetries: 5 });
  },
);
