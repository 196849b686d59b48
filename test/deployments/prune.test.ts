import { expect, test } from "vitest";
import type { DeploymentEvent } from "../../src/clouds/cloud.ts";
import { openDb } from "../../src/data/db.ts";
import { sql } from "../../src/data/drizzle.ts";
import { deployments as rows } from "../../src/data/schema.ts";
import { statsOf } from "../../src/data/store/stats.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { pruneDeployments, retentionMs } from "../../src/deployments/prune.ts";
import { deploymentJson } from "../../src/deployments/to-json.ts";
import { anApp } from "../harness/apps.ts";
import {
  allTime,
  aPlan,
  collectStream,
  createScriptedCloud,
  createTestDeployments,
} from "../harness/scripted-cloud.ts";

const day = 24 * 3600_000;
const plan = { ...aPlan, stack: { Resources: "x".repeat(20_000) } };

function createAgingDeployments() {
  let time = Date.parse("2026-09-01T00:00:00Z");
  const states: DeploymentEvent[] = [{ type: "state", state: "succeeded", url: "http://127.0.0.1:4000" }];
  const removals: unknown[] = [];
  const cloud = createScriptedCloud(
    async function* () {
      yield { type: "step", name: "web", state: "running", data: { account: "123456789012" } };
      yield { type: "log", step: "web", lines: ["said once"] };
      const state = states.shift();
      if (state) yield state;
    },
    async function* (run) {
      removals.push({ plan: run.plan, services: run.app.services.length, ledger: [...run.ledger.values()] });
      yield { type: "step", name: "web", state: "removed" };
      yield { type: "state", state: "removed" };
    },
  );
  const setup = createTestDeployments({ cloud, now: () => new Date(time) });
  const start = async (request: string, state?: DeploymentEvent) => {
    if (state) states.unshift(state);
    const { id } = setup.story.start({ ...setup.order, app: anApp(), plan, request });
    await collectStream(setup.story, id);
    return id;
  };
  const passDays = (days: number) => {
    time += days * day;
    return pruneDeployments(setup.db, new Date(time));
  };
  return { ...setup, start, passDays, removals };
}

test("events are pruned a month after the end, and the deployment can still be removed", async () => {
  const { story, start, passDays, removals } = createAgingDeployments();
  const id = await start("one");
  expect(passDays(retentionMs / day - 1)).toBe(0);
  expect(await collectStream(story, id)).toContain("said once");
  expect(passDays(2)).toBe(1);
  expect(passDays(1)).toBe(0);
  const remaining = await collectStream(story, id);
  expect(remaining).not.toContain("said once");
  expect(remaining).toContain('"state":"succeeded"');
  expect(story.find(id)).toMatchObject({ state: "succeeded", plan, url: "http://127.0.0.1:4000" });

  expect(story.remove(id)).toBe(true);
  expect(await collectStream(story, id)).toContain('"state":"removed"');
  expect(removals).toMatchObject([
    { plan, services: 1, ledger: [{ name: "web", data: { account: "123456789012" } }, {}] },
  ]);
});

test("a failure keeps what its removal needs, at any age", async () => {
  const { story, start, passDays } = createAgingDeployments();
  const id = await start("one", {
    type: "state",
    state: "failed",
    error: { message: "no", next: "again", step: "web" },
  });
  passDays(400);
  expect(story.find(id)).toMatchObject({ state: "failed", plan, error: { message: "no" } });
  expect(story.wasRemoval(story.find(id) as never)).toBe(false);
});

test("a removed deployment keeps only what its page shows; its stats stay", async () => {
  const { story, db, start, passDays } = createAgingDeployments();
  const id = await start("one");
  story.remove(id);
  await collectStream(story, id);
  const before = deploymentJson(db, story.find(id) as never);
  expect(passDays(31)).toBe(1);
  const row = story.find(id);
  expect(deploymentJson(db, row as never)).toEqual(before);
  expect(row).toMatchObject({ app: { name: "An app", services: [], variables: [] }, plan: { stack: null, lines: [] } });
  expect(stepsOf(db, id).map(({ data }) => data)).toEqual([{}, {}]);
  expect(statsOf(db, "local/examples/an-app", allTime).totals).toMatchObject({ start: 1, success: 1, removal: 1 });
});

test("a deployment removed after pruning is pruned again", async () => {
  const { story, start, passDays } = createAgingDeployments();
  const id = await start("one");
  expect(passDays(31)).toBe(1);
  story.remove(id);
  await collectStream(story, id);
  expect(passDays(29)).toBe(0);
  expect(passDays(2)).toBe(1);
  expect(story.find(id)?.plan.stack).toBeNull();
});

test("pruning works in batches", async () => {
  const { start, passDays } = createAgingDeployments();
  for (let n = 0; n < 60; n++) await start(`number ${n}`, { type: "state", state: "succeeded", url: null });
  expect(passDays(31)).toBe(50);
  expect(passDays(0)).toBe(10);
});

test("a plan is stored compressed, and an uncompressed one can still be read", () => {
  const { story, db, order } = createTestDeployments({ cloud: createScriptedCloud(async function* () {}) });
  const { id } = story.start({ ...order, plan });
  const { size } = db.get<{ size: number }>(sql`SELECT length(plan) AS size FROM ${rows}`);
  expect(size).toBeLessThan(1000);
  expect(story.find(id)?.plan).toEqual(plan);
  db.run(sql`UPDATE ${rows} SET plan = ${JSON.stringify(plan)}`);
  expect(story.find(id)?.plan).toEqual(plan);
  expect(openDb(":memory:").select().from(rows).all()).toEqual([]);
});
