import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Access, Cloud, DeploymentEvent, LedgerStep, Run } from "../../../src/clouds/cloud.ts";
import { openDb } from "../../../src/data/db.ts";
import { throttled } from "../../fakes/aws/aws.ts";
import { awsPlan } from "../../fakes/aws/stack.ts";
import { clock, entered, type Visit, visit } from "../../fakes/aws/visit.ts";
import { anApp } from "../../harness/apps.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";
import { seededRandom } from "../../harness/seeded-random.ts";

let here: Visit;
afterEach(async () => {
  expect(here.aws.bugs).toEqual([]);
  await here.end();
});

type Ledger = Map<string, LedgerStep>;

const runOf = (access: Access, ledger: Ledger): Run => ({
  id: "abcdefghijklmnopqrstuvwxyz",
  app: anApp(),
  plan: awsPlan(),
  access,
  env: { SECRET_KEY: entered },
  ledger,
  fetchSource: async () => {},
  deriveSecret: () => "",
  signal: new AbortController().signal,
  drainSignal: new AbortController().signal,
});

function write(ledger: Ledger, event: DeploymentEvent) {
  if (event.type === "state") return;
  const name = event.type === "step" ? event.name : event.step;
  const before = ledger.get(name);
  const state = event.type === "step" ? event.state : (before?.state ?? "running");
  ledger.set(name, { name, state, data: { ...before?.data, ...event.data } });
}

/** Processes that each live for so many events, one after the other, until one comes to the end. */
function dying(cloud: Cloud, access: Access, lifetime: number) {
  const ledger: Ledger = new Map();
  return {
    ledger,
    async live(verb: "provision" | "remove") {
      for (let process = 1; ; process++) {
        const words = cloud[verb](runOf(access, ledger))[Symbol.asyncIterator]();
        for (let said = 0; said < lifetime; said++) {
          const { value: event, done } = await words.next();
          if (done) throw new Error("it ended without a word");
          if (event.type === "state") return { event, processes: process };
          write(ledger, event);
        }
        // One thing more is said, and nobody lives to write it down.
        if (process % 2 === 0) await words.next();
      }
    },
  };
}

test.each([1, 2, 3, 5])("killed after every %i events, it makes one stack and takes it away", async (lifetime) => {
  here = await visit();
  const told = dying(here.cloud, await here.lends(), lifetime);
  const made = await told.live("provision");
  expect(made.event).toMatchObject({ state: "succeeded" });
  expect(made.processes).toBeGreaterThan(3);
  expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  const gone = await told.live("remove");
  expect(gone.event).toEqual({ type: "state", state: "removed" });
  expect(here.stacks()).toEqual(["DELETE_COMPLETE"]);
  expect(here.left()).toEqual([]);
});

test("killed after every event of a failing try, of its rollback and of the next try, it makes one stack a try", async () => {
  here = await visit();
  const told = dying(here.cloud, await here.lends(), 1);
  here.aws.engine.wishes.fails.set("Web", "the app does not start");
  const failed = await told.live("provision");
  expect(failed.event).toMatchObject({
    state: "failed",
    error: { message: "Web CREATE_FAILED: the app does not start" },
  });
  expect(here.stacks()).toEqual(["ROLLBACK_COMPLETE"]);
  here.aws.engine.wishes.fails.clear();
  for (const step of told.ledger.values()) if (step.state === "failed") step.state = "waiting";
  const made = await told.live("provision");
  expect(made.event).toMatchObject({ state: "succeeded" });
  expect(here.stacks()).toEqual(["DELETE_COMPLETE", "CREATE_COMPLETE"]);
});

test("killed between a request and its answer, it makes one stack", async () => {
  here = await visit();
  const access = await here.lends();
  // The request is carried out, the answer never seen: what a process that dies then leaves behind.
  here.aws.upset("CreateStack", "lost");
  here.aws.upset("DescribeStacks", throttled, 2);
  const told = dying(here.cloud, access, 2);
  expect((await told.live("provision")).event).toMatchObject({ state: "succeeded" });
  expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
});

test("removed at any instant, also while the request is on its way, it leaves nothing", async () => {
  const random = seededRandom(7);
  let removed = 0;
  for (let turn = 0; turn < 12; turn++) {
    if (turn > 0) await here.end();
    here = await visit();
    const { story, order, bugs } = here.story(await here.lends());
    const { id } = story.start(order);
    await new Promise((resolve) => setTimeout(resolve, random() ** 2 * 300));
    story.remove(id);
    await collectStream(story, id);
    expect(bugs).toEqual([]);
    const row = story.find(id);
    if (row?.error === null) {
      removed++;
      expect(row.state).toBe("removed");
      expect(here.stacks().filter((status) => status !== "DELETE_COMPLETE")).toEqual([]);
      expect(here.left()).toEqual([]);
      // Whoever had succeeded already has forgotten its access.
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
      forward: (milliseconds: number) => {
        shift.milliseconds += milliseconds;
      },
    };
    here = await visit({ time, pace: 3 });
    const access = await here.lends();
    const file = join(here.dataDir, "slipway.db");
    const random = seededRandom(seed);
    const given = { dataDir: here.dataDir, endpoint: here.aws.endpoint, access, ahead: shift.milliseconds, entered };

    async function tormented(verb: "provision" | "remove") {
      for (let kills = 0; ; kills++) {
        const child: ChildProcess = spawn(
          process.execPath,
          ["test/fakes/aws/child.ts", JSON.stringify({ ...given, verb })],
          {
            cwd: join(import.meta.dirname, "../../.."),
            stdio: ["ignore", "pipe", "inherit"],
          },
        );
        const gone = once(child, "exit") as Promise<[number | null]>;
        // It says when it has begun, so that no time is spent on killing what only starts.
        await Promise.race([once(child.stdout ?? child, "data"), gone]);
        const timer = setTimeout(() => child.kill("SIGKILL"), random() * 1_500 + kills * 200);
        const [code] = await gone;
        clearTimeout(timer);
        if (code !== null) return { code, kills };
      }
    }

    const made = await tormented("provision");
    expect(made.code).toBe(0);
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
    const gone = await tormented("remove");
    expect(gone.code).toBe(0);
    expect(here.stacks()).toEqual(["DELETE_COMPLETE"]);
    expect(here.left()).toEqual([]);
    expect(made.kills + gone.kills).toBeGreaterThan(1);

    const database = openDb(file).$client.serialize().toString("latin1");
    expect(database).toContain("slipway-an-app-deployme");
    for (const secret of [entered, access.subject ?? "?"]) expect(database).not.toContain(secret);
  },
);
