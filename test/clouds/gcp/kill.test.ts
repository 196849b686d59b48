import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DeploymentEvent } from "../../../src/clouds/cloud.ts";
import { openDb } from "../../../src/data/db.ts";
import { fakeGcp } from "../../fakes/gcp/gcp.ts";
import { secretAnswer, type Visit, visit } from "../../fakes/gcp/test-gcp.ts";
import { seededRandom } from "../../harness/seeded-random.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, rearm, record } from "../consumer.ts";

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");

async function visiting(work: (here: Visit) => Promise<void>) {
  const here = await visit();
  try {
    await work(here);
    expect(here.gcp.bugs).toEqual([]);
  } finally {
    await here.end();
  }
}

type Verb = "provision" | "remove";

/** Processes that each live for so many events, one after the other, until one comes to the end. */
async function dying(here: Visit, deployment: Deployment, verb: Verb, lifetime: () => number) {
  for (let process = 1; ; process++) {
    const words = here.cloud[verb](deployment)[Symbol.asyncIterator]();
    const most = lifetime();
    for (let said = 0; said < most; said++) {
      const { value: event, done } = await words.next();
      if (done) throw new Error("it ended without a word");
      record(deployment, event as DeploymentEvent);
      if (event.type === "state") return { event, processes: process };
    }
    // One thing more is said, and nobody lives to write it down.
    if (process % 2 === 0) await words.next();
    await here.time.idle();
    here.time.advance(3_000);
  }
}

/** How often each thing was made; what Google numbers anew each time taken out. */
function made(here: Pick<Visit, "gcp">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { call, status, path, query, body } of here.gcp.requests) {
    if (status !== 200 || !/\.(create|insert|run|addVersion)$/.test(call)) continue;
    // A key whose secret a process died with is of no use: it is taken away, and another one made. Giving the database's
    // user the same password again changes nothing.
    if (/hmacKeys|users\.insert/.test(call) || path.includes("secret-access-key")) continue;
    const key = `${call} ${path}${query} ${/create|insert/.test(call) ? body : ""}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
const twice = (here: Pick<Visit, "gcp">) =>
  Object.entries(made(here)).flatMap(([what, count]) => (count > 1 ? [`${count} times ${what}`] : []));

const things = (here: Visit) =>
  here.left().map((one) =>
    one
      .replace(/GOOG1E\w+/, "KEY")
      .replace(/-[0-9a-f]{5}$/, "-RUN")
      .replace(/-database-\d+/, "-database-N"),
  );

test.each([1, 2, 3, 5, 8])(
  "killed after every %i events, it makes everything once, and takes it away",
  { timeout: 120_000 },
  (lifetime) =>
    visiting(async (here) => {
      let whole: string[] = [];
      await visiting(async (other) => {
        await other.provision(other.deployment(mastodon));
        whole = things(other);
      });
      const deployment = here.deployment(mastodon);
      const told = await dying(here, deployment, "provision", () => lifetime);
      expect(told.event).toMatchObject({ state: "succeeded" });
      expect(told.processes).toBeGreaterThan(3);
      expect(twice(here)).toEqual([]);
      expect(things(here)).toEqual(whole);
      const gone = await dying(here, deployment, "remove", () => lifetime);
      expect(gone.event).toEqual({ type: "state", state: "removed" });
      expect(here.left()).toEqual([]);
    }),
);

test("killed after every event of a failing try, of the taking away, and of the next try", { timeout: 120_000 }, () =>
  visiting(async (here) => {
    here.gcp.google.wishes.creations.set("services/guestbook", "The user-provided container failed to start");
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
    expect(here.left()).toEqual([]);
    here.gcp.google.wishes.creations.clear();
    rearm(deployment);
    expect((await dying(here, deployment, "provision", () => 1)).event).toMatchObject({ state: "succeeded" });
    // Cloud SQL gives no name twice within a week.
    expect(here.left().filter((one) => /sqladmin.*instances\/[^/]+$/.test(one))).toEqual([
      "sqladmin/projects/visitors-project/instances/guestbook-d1a2b3c4-database-2",
    ]);
  }),
);

test("killed at random, with answers lost, refusals that pass, and removed at any instant, it leaves nothing", {
  timeout: 240_000,
}, async () => {
  for (let seed = 1; seed <= 25; seed++)
    await visiting(async (here) => {
      const random = seededRandom(seed);
      const deployment = here.deployment(seed % 2 === 0 ? guestbook : mastodon);
      for (let count = 0; count < 12; count++)
        here.gcp.failNth(1 + Math.floor(random() * 150), random() < 0.5 ? "lost" : "unsent");
      // So many events, and then the visitor has had enough.
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
      expect(here.left(), `seed ${seed}`).toEqual([]);
    });
});

test.each([1, 2, 3])(
  "kill -9 at random instants: everything once, then nothing (seed %i)",
  { timeout: 240_000 },
  async (seed) => {
    // What takes Google a second takes four milliseconds here: a database is there after more than a second.
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
        // It says when it has begun, so that no time is spent on killing what only starts.
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
