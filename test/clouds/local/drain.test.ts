import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { consume, type Deployment, logLines } from "../consumer.ts";
import { createLocalCloud, remove, shellsOf, succeed } from "./local-cloud.ts";
import { countTraces, tracingApp, tracingFiles } from "./tracing-app.ts";

const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud({ limits: { drainSeconds: 0.3 } });
const tracesOf = (run: Deployment) => countTraces(readFileSync(join(folderOf(run), "home", "traces"), "utf8"));
const once = { build: 1, release: 1, first: 1, web: 1, worker: 1 };

const isBuilding = (run: Deployment) => existsSync(join(folderOf(run), "processes/build.1.0.pid"));

/** Provisions, and drains as soon as the condition holds. */
async function drain(run: Deployment, isTime: (elapsedMs: number) => boolean) {
  const draining = new AbortController();
  run.drainSignal = draining.signal;
  const start = Date.now();
  const timer = setInterval(() => {
    if (draining.signal.aborted || !isTime(Date.now() - start)) return;
    draining.abort();
  }, 10);
  const state = await consume(run, cloud.provision(run));
  clearInterval(timer);
  run.drainSignal = new AbortController().signal;
  return state;
}

test("a draining server leaves a long build running, and the next server finds it", async () => {
  const run = deploy(tracingApp(3), tracingFiles);
  const first = await drain(run, () => isBuilding(run));
  expect(first).toBeNull();
  expect(run.ledger.get("build")?.state).toBe("running");
  const [shell] = await shellsOf(run, "build");
  expect(shell).toBeDefined();
  expect(await drain(run, (elapsedMs) => elapsedMs > 100)).toBeNull();
  expect((await shellsOf(run, "build")).map(({ pid }) => pid)).toEqual([shell?.pid]);
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  expect(logLines(run).filter((line) => line === "built")).toHaveLength(1);
  await remove(cloud, run);
  await expectNothingLeft(run);
}, 30_000);

test("a command that ends while no server runs counts with its exit code", async () => {
  const run = deploy(tracingApp(1.5), tracingFiles);
  expect(await drain(run, () => isBuilding(run))).toBeNull();
  await expect.poll(() => shellsOf(run, "build"), { timeout: 10_000 }).toEqual([]);
  expect(run.ledger.get("build")?.state).toBe("running");
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
}, 30_000);

test("draining at any moment, repeatedly, runs nothing twice and skips nothing", async () => {
  const run = deploy(tracingApp(0.8), tracingFiles);
  const states: string[] = [];
  for (let stops = 0; stops < 12 && states.at(-1) !== "succeeded"; stops++) {
    const state = await drain(run, (elapsedMs) => elapsedMs > 50 + 97 * stops);
    states.push(state?.state ?? "stopped");
  }
  expect(states[0]).toBe("stopped");
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  for (const step of ["web", "worker", "schedule"]) expect(await shellsOf(run, step)).toHaveLength(1);
}, 60_000);
