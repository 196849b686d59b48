import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { consume, type Deployment, lines } from "../consumer.ts";
import { here, remove, shellsOf, succeed } from "./local-cloud.ts";
import { counted, tracingApp, tracingFiles } from "./tracing-app.ts";

const { cloud, deploy, folderOf, nothingLeft } = here({ limits: { drainSeconds: 0.3 } });
const tracesOf = (run: Deployment) => counted(readFileSync(join(folderOf(run), "home", "traces"), "utf8"));
const once = { build: 1, release: 1, first: 1, web: 1, worker: 1 };

const builds = (run: Deployment) => existsSync(join(folderOf(run), "processes/build.1.0.pid"));

/** Drains when it is time, unless the end comes first. */
async function drain(run: Deployment, isTime: (passed: number) => boolean) {
  const draining = new AbortController();
  run.drainSignal = draining.signal;
  const start = Date.now();
  const clock = setInterval(() => {
    if (draining.signal.aborted || !isTime(Date.now() - start)) return;
    draining.abort();
  }, 10);
  const state = await consume(run, cloud.provision(run));
  clearInterval(clock);
  run.drainSignal = new AbortController().signal;
  return state;
}

test("a server that stops lets go of a long build, which goes on, and which the next one finds running", async () => {
  const run = deploy(tracingApp(3), tracingFiles);
  const first = await drain(run, () => builds(run));
  expect(first).toBeNull();
  expect(run.ledger.get("build")?.state).toBe("running");
  const [shell] = await shellsOf(run, "build");
  expect(shell).toBeDefined();
  expect(await drain(run, (passed) => passed > 100)).toBeNull();
  expect((await shellsOf(run, "build")).map(({ pid }) => pid)).toEqual([shell?.pid]);
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  expect(lines(run).filter((line) => line === "built")).toHaveLength(1);
  await remove(cloud, run);
  await nothingLeft(run);
}, 30_000);

test("what ends while no server is there is taken as it ended", async () => {
  const run = deploy(tracingApp(1.5), tracingFiles);
  expect(await drain(run, () => builds(run))).toBeNull();
  await expect.poll(() => shellsOf(run, "build"), { timeout: 10_000 }).toEqual([]);
  expect(run.ledger.get("build")?.state).toBe("running");
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
}, 30_000);

test("stopping at any moment, again and again, runs nothing twice and leaves nothing out", async () => {
  const run = deploy(tracingApp(0.8), tracingFiles);
  const states: string[] = [];
  for (let stops = 0; stops < 12 && states.at(-1) !== "succeeded"; stops++) {
    const state = await drain(run, (passed) => passed > 50 + 97 * stops);
    states.push(state?.state ?? "stopped");
  }
  expect(states[0]).toBe("stopped");
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  for (const step of ["web", "worker", "schedule"]) expect(await shellsOf(run, step)).toHaveLength(1);
}, 60_000);
