import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { consume, type Deployment, lines } from "./consumer.ts";
import { here, remove, shellsOf, succeed } from "./here.ts";
import { counted, tracingApp, tracingFiles } from "./traces.ts";

const { cloud, deploy, folderOf, nothingLeft } = here({ limits: { drainSeconds: 0.3 } });
const tracesOf = (run: Deployment) => counted(readFileSync(join(folderOf(run), "home", "traces"), "utf8"));
const once = { build: 1, release: 1, first: 1, web: 1, worker: 1 };

/** Drains after so many milliseconds: how long it took from then to the end, which it may have reached by itself. */
async function drainAfter(run: Deployment, milliseconds: number) {
  const draining = new AbortController();
  run.draining = draining.signal;
  let began = 0;
  setTimeout(() => {
    began = Date.now();
    draining.abort();
  }, milliseconds);
  const state = await consume(run, cloud.provision(run));
  run.draining = new AbortController().signal;
  return { state, took: Date.now() - began };
}

test("a server that stops lets go of a long build, which goes on, and which the next one finds running", async () => {
  const run = deploy(tracingApp(3), tracingFiles);
  const first = await drainAfter(run, 600);
  expect(first.state).toBeNull();
  expect(first.took).toBeLessThan(1500);
  expect(run.ledger.get("build")?.state).toBe("running");
  const [shell] = await shellsOf(run, "build");
  expect(shell).toBeDefined();
  expect((await drainAfter(run, 100)).state).toBeNull();
  expect((await shellsOf(run, "build")).map(({ pid }) => pid)).toEqual([shell?.pid]);
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  expect(lines(run).filter((line) => line === "built")).toHaveLength(1);
  await remove(cloud, run);
  await nothingLeft(run);
}, 30_000);

test("what ends while no server is there is taken as it ended", async () => {
  const run = deploy(tracingApp(1.5), tracingFiles);
  expect((await drainAfter(run, 600)).state).toBeNull();
  await expect.poll(() => shellsOf(run, "build"), { timeout: 10_000 }).toEqual([]);
  expect(run.ledger.get("build")?.state).toBe("running");
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
}, 30_000);

test("stopping at any moment, again and again, runs nothing twice and leaves nothing out", async () => {
  const run = deploy(tracingApp(0.8), tracingFiles);
  const states: string[] = [];
  for (let stops = 0; stops < 12 && states.at(-1) !== "succeeded"; stops++)
    states.push((await drainAfter(run, 50 + 97 * stops)).state?.state ?? "stopped");
  expect(states.slice(0, 3)).toEqual(["stopped", "stopped", "stopped"]);
  await succeed(cloud, run);
  await expect.poll(() => tracesOf(run)).toEqual(once);
  for (const step of ["web", "worker", "schedule"]) expect(await shellsOf(run, step)).toHaveLength(1);
}, 60_000);
