import { expect, test } from "vitest";
import type { DeploymentEvent } from "../../src/clouds/cloud.ts";
import { sql } from "../../src/data/drizzle.ts";
import { events } from "../../src/data/schema.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { cutLine, logLimits, maxMessageLength } from "../../src/deployments/log-budget.ts";
import { anApp, aVariable } from "../harness/apps.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../harness/scripted-cloud.ts";

// A cloud that sends more than anyone reads, by accident or in bad faith.

const succeeded: DeploymentEvent = { type: "state", state: "succeeded", url: null };
const linesOf = (stream: string) =>
  [...stream.matchAll(/^event: log\ndata: (.+)$/gm)].map(
    ([, data = ""]) => (JSON.parse(data) as { line: string }).line,
  );

test("a long line is cut and says so", async () => {
  const { story, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "running" };
      yield { type: "log", step: "web", lines: ["x".repeat(5_000_000), "short"] };
      yield succeeded;
    }),
  });
  const lines = linesOf(await collectStream(story, story.start(order).id));
  expect(lines).toEqual([`${"x".repeat(logLimits.lineLength)}… cut`, "short"]);
});

test("a secret that crosses the end of a line is masked before the line is cut", async () => {
  const password = "correct horse battery staple".repeat(20);
  const { story, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "running" };
      yield { type: "log", step: "web", lines: ["x".repeat(logLimits.lineLength - 100) + password] };
      yield succeeded;
    }),
  });
  const app = anApp({ ...order.app, variables: [aVariable({ name: "PASSWORD", secret: true })] });
  const text = await collectStream(story, story.start({ ...order, app, env: { PASSWORD: password } }).id);
  expect(text).not.toContain("correct");
});

test("a log of 500 MB is stored up to its limit, ends in one line that says so, and the deployment goes on", async () => {
  const chunk = Array.from({ length: 1000 }, () => "x".repeat(5000));
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "running" };
      for (let n = 0; n < 100; n++) yield { type: "log", step: "web", lines: chunk, data: { offset: n } };
      yield { type: "step", name: "web", state: "done" };
      yield succeeded;
    }),
  });
  const { id } = story.start(order);
  const text = await collectStream(story, id);
  expect(linesOf(text).filter((line) => line === cutLine)).toHaveLength(1);
  expect(linesOf(text).at(-1)).toBe(cutLine);
  expect(text).toContain('"state":"succeeded"');
  const { bytes } = db.get<{ bytes: number }>(sql`SELECT sum(length(data)) AS bytes FROM ${events}`);
  expect(bytes).toBeLessThan(logLimits.bytes * 1.1);
  // The position in the cloud's log is kept all the same, so that a resumed run does not read it again.
  expect(stepsOf(db, id).find(({ name }) => name === "web")?.data).toEqual({ offset: 99 });
}, 60_000);

test("endless short lines are cut by their number, and a resumed or retried run adds none", async () => {
  const chunk = Array.from({ length: 20_000 }, (_, n) => String(n));
  let runs = 0;
  const { story, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "running" };
      for (let n = 0; n < 3; n++) yield { type: "log", step: "web", lines: chunk };
      if (runs++ > 0) return yield succeeded;
      yield { type: "state", state: "failed", error: { message: "No.", next: "Again.", step: "web" } };
    }),
  });
  const { id } = story.start(order);
  expect(linesOf(await collectStream(story, id))).toHaveLength(logLimits.lines + 1);
  story.retry(id);
  expect(linesOf(await collectStream(story, id))).toHaveLength(logLimits.lines + 1);
}, 60_000);

test("messages of steps and failures are cut too", async () => {
  const long = "y".repeat(1_000_000);
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "failed", message: long };
      yield { type: "state", state: "failed", error: { message: long, next: long, step: "web" } };
    }),
  });
  const { id } = story.start(order);
  await collectStream(story, id);
  const cut = `${"y".repeat(maxMessageLength)}… cut`;
  expect(story.find(id)?.error).toMatchObject({ message: cut, next: cut });
  expect(stepsOf(db, id).find(({ name }) => name === "web")?.message).toBe(cut);
});
