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

async function visiting(work: (here: TestGcp) => Promise<void>) {
  const here = await createTestGcp();
  try {
    await work(here);
    expect(here.gcp.bugs).toEqual([]);
  } finally {
    await here.close();
  }
}

type Verb = "provision" | "remove";

/** Runs processes one after another, each killed after a number of events, until one finishes. */
async function dying(here: TestGcp, deployment: Deployment, verb: Verb, lifetime: () => number) {
  for (let process = 1; ; process++) {
    const words = here.cloud[verb](deployment)[Symbol.asyncIterator]();
    const most = lifetime();
    for (let said = 0; said < most; said++) {
      const { value: event, done } = await words.next();
      if (done) throw new Error("it ended without a word");
      record(deployment, event as DeploymentEvent);
      if (event.type === "state") return { event, processes: process };
    }
    // Yields one more event, which the killed process never stores.
    if (process % 2 === 0) await words.next();
    await here.time.idle();
    here.time.advance(3_000);
  }
}

/** Counts how often each resource was created, without Google's generated numbers. */
function made(here: Pick<TestGcp, "gcp">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { call, status, path, query, body } of here.gcp.requests) {
    if (status !== 200 || !/\.(create|insert|run|addVersion)$/.test(call)) continue;
    // A key whose secret was lost with a process is useless: it is deleted and another is created. Setting the database
    // user's password again changes nothing.
    if (/hmacKeys|users\.insert/.test(call) || path.includes("secret-access-key")) continue;
    const key = `${call} ${path}${query} ${/create|insert/.test(call) ? body : ""}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
const twice = (here: Pick<TestGcp, "gcp">) =>
  Object.entries(made(here)).flatMap(([what, count]) => (count > 1 ? [`${count} times ${what}`] : []));

const resources = (here: TestGcp) =>
  here.inventory().map((one) =>
    one
      .replace(/GOOG1E\w+/, "KEY")
      .replace(/-[0-9a-f]{5}$/, "-RUN")
      .replace(/-database-\d+/, "-database-N"),
  );

test.each([1, 2, 3, 5, 8])(
  "killed after every %i events, it creates everything once and deletes it",
  { timeout: 120_000 },
  (lifetime) =>
    visiting(async (here) => {
      let whole: string[] = [];
      await visiting(async (other) => {
        await other.provision(other.deployment(mastodon));
        whole = resources(other);
      });
      const deployment = here.deployment(mastodon);
      const told = await dying(here, deployment, "provision", () => lifetime);
      expect(told.event).toMatchObject({ state: "succeeded" });
      expect(told.processes).toBeGreaterThan(3);
      expect(twice(here)).toEqual([]);
      expect(resources(here)).toEqual(whole);
      const gone = await dying(here, deployment, "remove", () => lifetime);
      expect(gone.event).toEqual({ type: "state", state: "removed" });
      expect(here.inventory()).toEqual([]);
    }),
);

test("killed after every event of a failed attempt, its removal and the retry", { timeout: 120_000 }, () =>
  visiting(async (here) => {
    here.gcp.google.scenario.creations.set("services/guestbook", "The user-provided container failed to start");
    const deployment = here.deployment(guestbook);
    const failed = await dying(here, deployment, "provision", () => 1);
    expect(failed.event).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("failed to start"),
        next: expect.stringContaining("taken away again"),
        step: "web",
      },
    });
    expect(here.inventory()).toEqual([]);
    here.gcp.google.scenario.creations.clear();
    rearm(deployment);
    expect((await dying(here, deployment, "provision", () => 1)).event).toMatchObject({ state: "succeeded" });
    // Cloud SQL blocks a name for a week.
    expect(here.inventory().filter((one) => /sqladmin.*instances\/[^/]+$/.test(one))).toEqual([
      "sqladmin/projects/visitors-project/instances/guestbook-d1a2b3c4-database-2",
    ]);
  }),
);

test("killed at random, with lost responses, transient errors and removal at any instant, it leaves nothing", {
  timeout: 240_000,
}, async () => {
  for (let seed = 1; seed <= 25; seed++)
    await visiting(async (here) => {
      const random = seededRandom(seed);
      const deployment = here.deployment(seed % 2 === 0 ? guestbook : mastodon);
      for (let count = 0; count < 12; count++)
        here.gcp.failNth(1 + Math.floor(random() * 150), random() < 0.5 ? "lost" : "unsent");
      // After this number of events, the visitor removes it.
      let rest = Math.floor(random() * 90);
      const words = here.cloud.provision(deployment)[Symbol.asyncIterator]();
      let ended = false;
      for (; rest > 0 && !ended; rest--) {
        const { value, done } = await words.next();
        if (done) ended = true;
        else record(deployment, value);
      }
      await here.time.idle();
      const gone = await dying(here, deployment, "remove", () => 1 + Math.floor(random() * 20));
      expect(gone.event, `seed ${seed}`).toEqual({ type: "state", state: "removed" });
      expect(here.inventory(), `seed ${seed}`).toEqual([]);
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
    const given = { dataDir, endpoint: gcp.endpoint, access: { token, project: project.id }, env };
    const random = seededRandom(seed);

    async function tormented(verb: Verb) {
      for (let kills = 0; ; kills++) {
        const child: ChildProcess = spawn(
          process.execPath,
          ["test/fakes/gcp/child.ts", JSON.stringify({ ...given, verb })],
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

    const made = await tormented("provision");
    expect(made.code).toBe(0);
    expect(twice({ gcp })).toEqual([]);
    const left = gcp.inventory(project);
    for (const kind of [/^run\/.*\/services\/[^/]+$/, /^sqladmin\/.*\/instances\/[^/]+$/, /^redis\//])
      expect(left.filter((one) => kind.test(one))).toHaveLength(1);
    const gone = await tormented("remove");
    expect(gone.code).toBe(0);
    expect(gcp.inventory(project)).toEqual([]);
    expect(made.kills + gone.kills).toBeGreaterThan(1);

    const db = openDb(join(dataDir, "slipway.db"));
    const database = db.$client.serialize().toString("latin1");
    db.$client.close();
    expect(database).toContain("guestbook");
    for (const one of [token, secret]) expect(database).not.toContain(one);
    expect(gcp.bugs).toEqual([]);
    await gcp.close();
    rmSync(dataDir, { recursive: true, maxRetries: 5 });
  },
);
