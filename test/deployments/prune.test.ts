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

function later() {
  let time = Date.parse("2026-09-01T00:00:00Z");
  const states: DeploymentEvent[] = [{ type: "state", state: "succeeded", url: "http://127.0.0.1:4000" }];
  const seen: unknown[] = [];
  const cloud = createScriptedCloud(
    async function* () {
      yield { type: "step", name: "web", state: "running", data: { account: "123456789012" } };
      yield { type: "log", step: "web", lines: ["said once"] };
      const state = states.shift();
      if (state) yield state;
    },
    async function* (run) {
      seen.push({ plan: run.plan, services: run.app.services.length, ledger: [...run.ledger.values()] });
      yield { type: "step", name: "web", state: "removed" };
      yield { type: "state", state: "removed" };
    },
  );
  const told = createTestDeployments({ cloud, now: () => new Date(time) });
  const start = async (request: string, state?: DeploymentEvent) => {
    if (state) states.unshift(state);
    const { id } = told.story.start({ ...told.order, app: anApp(), plan, request });
    await collectStream(told.story, id);
    return id;
  };
  const pass = (days: number) => {
    time += days * day;
    return pruneDeployments(told.db, new Date(time));
  };
  return { ...told, start, pass, seen };
}

test("what a deployment said is cleared out a month after its end, and it can still be removed", async () => {
  const { story, start, pass, seen } = later();
  const id = await start("one");
  expect(pass(retentionMs / day - 1)).toBe(0);
  expect(await collectStream(story, id)).toContain("said once");
  expect(pass(2)).toBe(1);
  expect(pass(1)).toBe(0);
  const left = await collectStream(story, id);
  expect(left).not.toContain("said once");
  expect(left).toContain('"state":"succeeded"');
  expect(story.find(id)).toMatchObject({ state: "succeeded", plan, url: "http://127.0.0.1:4000" });

  expect(story.remove(id)).toBe(true);
  expect(await collectStream(story, id)).toContain('"state":"removed"');
  expect(seen).toMatchObject([{ plan, services: 1, ledger: [{ name: "web", data: { account: "123456789012" } }, {}] }]);
});

test("a failure keeps all that its removal needs, however old it is", async () => {
  const { story, start, pass } = later();
  const id = await start("one", {
    type: "state",
    state: "failed",
    error: { message: "no", next: "again", step: "web" },
  });
  pass(400);
  expect(story.find(id)).toMatchObject({ state: "failed", plan, error: { message: "no" } });
  expect(story.wasRemoval(story.find(id) as never)).toBe(false);
});

test("of a removed one only what its page says is left, and its numbers stay", async () => {
  const { story, db, start, pass } = later();
  const id = await start("one");
  story.remove(id);
  await collectStream(story, id);
  const before = deploymentJson(db, story.find(id) as never);
  expect(pass(31)).toBe(1);
  const row = story.find(id);
  expect(deploymentJson(db, row as never)).toEqual(before);
  expect(row).toMatchObject({ app: { name: "An app", services: [], variables: [] }, plan: { stack: null, lines: [] } });
  expect(stepsOf(db, id).map(({ data }) => data)).toEqual([{}, {}]);
  expect(statsOf(db, "local/examples/an-app", allTime).totals).toMatchObject({ start: 1, success: 1, removal: 1 });
});

test("one that is removed after it was cleared out is cleared out once more", async () => {
  const { story, start, pass } = later();
  const id = await start("one");
  expect(pass(31)).toBe(1);
  story.remove(id);
  await collectStream(story, id);
  expect(pass(29)).toBe(0);
  expect(pass(2)).toBe(1);
  expect(story.find(id)?.plan.stack).toBeNull();
});

test("not all at once: what a year left behind holds nobody up", async () => {
  const { start, pass } = later();
  for (let n = 0; n < 60; n++) await start(`number ${n}`, { type: "state", state: "succeeded", url: null });
  expect(pass(31)).toBe(50);
  expect(pass(0)).toBe(10);
});

test("a plan takes a fraction of its room, and one from before is read as it was written", () => {
  const { story, db, order } = createTestDeployments({ cloud: createScriptedCloud(async function* () {}) });
  const { id } = story.start({ ...order, plan });
  const { size } = db.get<{ size: number }>(sql`SELECT length(plan) AS size FROM ${rows}`);
  expect(size).toBeLessThan(1000);
  expect(story.find(id)?.plan).toEqual(plan);
  db.run(sql`UPDATE ${rows} SET plan = ${JSON.stringify(plan)}`);
  expect(story.find(id)?.plan).toEqual(plan);
  expect(openDb(":memory:").select().from(rows).all()).toEqual([]);
});
