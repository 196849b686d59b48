import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Access, Cloud, DeploymentEvent, LedgerStep, Run } from "../../../src/clouds/cloud.ts";
import { openDb } from "../../../src/data/db.ts";
import { throttled } from "../../fakes/aws/aws.ts";
import { awsPlan } from "../../fakes/aws/stack.ts";
import { clock, createTestAws, type TestAws, typedSecret } from "../../fakes/aws/test-aws.ts";
import { anApp } from "../../harness/apps.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";
import { seededRandom } from "../../harness/seeded-random.ts";

let env: TestAws;
afterEach(async () => {
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

type Ledger = Map<string, LedgerStep>;

const runOf = (access: Access, ledger: Ledger): Run => ({
  id: "abcdefghijklmnopqrstuvwxyz",
  app: anApp(),
  plan: awsPlan(),
  access,
  env: { SECRET_KEY: typedSecret },
  ledger,
  fetchSource: async () => {},
  deriveSecret: () => "",
  signal: new AbortController().signal,
  drainSignal: new AbortController().signal,
});

function write(ledger: Ledger, event: DeploymentEvent) {
  if (event.type === "state") return;
  const name = event.type === "step" ? event.name : event.step;
  const existing = ledger.get(name);
  const state = event.type === "step" ? event.state : (existing?.state ?? "running");
  ledger.set(name, { name, state, data: { ...existing?.data, ...event.data } });
}

/** Runs processes one after another, each killed after a number of events, until one finishes. */
function startKillable(cloud: Cloud, access: Access, lifetime: number) {
  const ledger: Ledger = new Map();
  return {
    ledger,
    async runProcesses(operation: "provision" | "remove") {
      for (let process = 1; ; process++) {
        const events = cloud[operation](runOf(access, ledger))[Symbol.asyncIterator]();
        for (let output = 0; output < lifetime; output++) {
          const { value: event, done } = await events.next();
          if (done) throw new Error("it ended without a word");
          if (event.type === "state") return { event, processes: process };
          write(ledger, event);
        }
        // Yields one more event, which the killed process never stores.
        if (process % 2 === 0) await events.next();
      }
    },
  };
}

test.each([1, 2, 3, 5])("killed after every %i events, it creates one stack and deletes it", async (lifetime) => {
  env = await createTestAws();
  const started = startKillable(env.cloud, await env.createRole(), lifetime);
  const outcome = await started.runProcesses("provision");
  expect(outcome.event).toMatchObject({ state: "succeeded" });
  expect(outcome.processes).toBeGreaterThan(3);
  expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  const removed = await started.runProcesses("remove");
  expect(removed.event).toEqual({ type: "state", state: "removed" });
  expect(env.stacks()).toEqual(["DELETE_COMPLETE"]);
  expect(env.inventory()).toEqual([]);
});

test("killed after every event of a failed attempt, its rollback and the retry, it creates one stack per attempt", async () => {
  env = await createTestAws();
  const started = startKillable(env.cloud, await env.createRole(), 1);
  env.aws.engine.settings.fails.set("Web", "the app does not start");
  const failed = await started.runProcesses("provision");
  expect(failed.event).toMatchObject({
    state: "failed",
    error: { message: "Web CREATE_FAILED: the app does not start" },
  });
  expect(env.stacks()).toEqual(["ROLLBACK_COMPLETE"]);
  env.aws.engine.settings.fails.clear();
  for (const step of started.ledger.values()) if (step.state === "failed") step.state = "waiting";
  const outcome = await started.runProcesses("provision");
  expect(outcome.event).toMatchObject({ state: "succeeded" });
  expect(env.stacks()).toEqual(["DELETE_COMPLETE", "CREATE_COMPLETE"]);
});

test("killed between a request and its response, it creates one stack", async () => {
  env = await createTestAws();
  const access = await env.createRole();
  // The request succeeds but its response is never read, as if the process had died.
  env.aws.failNext("CreateStack", "lost");
  env.aws.failNext("DescribeStacks", throttled, 2);
  const started = startKillable(env.cloud, access, 2);
  expect((await started.runProcesses("provision")).event).toMatchObject({ state: "succeeded" });
  expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
});

test("removed at any instant, even while a request is in flight, it leaves nothing", async () => {
  const random = seededRandom(7);
  let removed = 0;
  for (let nextEvent = 0; nextEvent < 12; nextEvent++) {
    if (nextEvent > 0) await env.close();
    env = await createTestAws();
    const { story, order, bugs } = env.createDeployments(await env.createRole());
    const { id } = story.start(order);
    await new Promise((resolve) => setTimeout(resolve, random() ** 2 * 300));
    story.remove(id);
    await collectStream(story, id);
    expect(bugs).toEqual([]);
    const row = story.find(id);
    if (row?.error === null) {
      removed++;
      expect(row.state).toBe("removed");
      expect(env.stacks().filter((status) => status !== "DELETE_COMPLETE")).toEqual([]);
      expect(env.inventory()).toEqual([]);
      // A deployment that had succeeded has deleted its access.
    } else expect(row?.error?.message).toContain("no longer lent");
  }
  expect(removed).toBeGreaterThan(5);
}, 60_000);

test.each([1, 2, 3])(
  "kill -9 at random instants: one stack, then none (seed %i)",
  { timeout: 240_000 },
  async (seed) => {
    const shift = { milliseconds: 0 };
    const time = {
      ...clock(),
      now: () => Date.now() + shift.milliseconds,
      advance: (milliseconds: number) => {
        shift.milliseconds += milliseconds;
      },
    };
    env = await createTestAws({ time, pace: 3 });
    const access = await env.createRole();
    const file = join(env.dataDir, "slipway.db");
    const random = seededRandom(seed);
    const input = { dataDir: env.dataDir, endpoint: env.aws.endpoint, access, ahead: shift.milliseconds, typedSecret };

    async function runWithKills(operation: "provision" | "remove") {
      for (let kills = 0; ; kills++) {
        const child: ChildProcess = spawn(
          process.execPath,
          ["test/fakes/aws/child.ts", JSON.stringify({ ...input, verb: operation })],
          {
            cwd: join(import.meta.dirname, "../../.."),
            stdio: ["ignore", "pipe", "inherit"],
          },
        );
        const removed = once(child, "exit") as Promise<[number | null]>;
        // The process prints a line once it has started, so that none is killed before.
        await Promise.race([once(child.stdout ?? child, "data"), removed]);
        const timer = setTimeout(() => child.kill("SIGKILL"), random() * 1_500 + kills * 200);
        const [code] = await removed;
        clearTimeout(timer);
        if (code !== null) return { code, kills };
      }
    }

    const outcome = await runWithKills("provision");
    expect(outcome.code).toBe(0);
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
    const removed = await runWithKills("remove");
    expect(removed.code).toBe(0);
    expect(env.stacks()).toEqual(["DELETE_COMPLETE"]);
    expect(env.inventory()).toEqual([]);
    expect(outcome.kills + removed.kills).toBeGreaterThan(1);

    const database = openDb(file).$client.serialize().toString("latin1");
    expect(database).toContain("slipway-an-app-deployme");
    for (const secret of [typedSecret, access.subject ?? "?"]) expect(database).not.toContain(secret);
  },
);
