import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { consume, type Deployment, rearm } from "../consumer.ts";
import { createLocalCloud, fail, processesOf, remove, shellsOf, succeed } from "./local-cloud.ts";
import { countTraces, tracingApp, tracingFiles } from "./tracing-app.ts";

const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud();
const tracesOf = (run: Deployment) => countTraces(readFileSync(join(folderOf(run), "home", "traces"), "utf8"));
/** Waits until the first command runs. */
const hasStarted = (run: Deployment) => expect.poll(() => existsSync(join(folderOf(run), "home", "traces"))).toBe(true);
const once = { build: 1, release: 1, first: 1, web: 1, worker: 1 };

describe("a deployment that stops after any event", () => {
  test("resumes with the same ledger: everything once, nothing lost", async () => {
    const uninterrupted = deploy(tracingApp(0.05), tracingFiles);
    await succeed(cloud, uninterrupted);
    const boundaries = [...uninterrupted.events.keys()];
    const stopAtEach = async () => {
      for (let boundary = boundaries.shift(); boundary !== undefined; boundary = boundaries.shift()) {
        const run = deploy(tracingApp(0.05), tracingFiles);
        await consume(run, cloud.provision(run), boundary + 1);
        const url = await succeed(cloud, run);
        expect(await (await fetch(url)).text()).toMatch(/^up \d+$/);
        await expect.poll(() => tracesOf(run)).toHaveProperty("worker");
        expect({ boundary, traces: tracesOf(run) }).toEqual({ boundary, traces: once });
        for (const step of ["web", "worker", "schedule"]) expect(await shellsOf(run, step)).toHaveLength(1);
        expect([...run.ledger.values()].map(({ state }) => state)).not.toContain("running");
        await consume(run, cloud.remove(run), boundary % 9);
        await remove(cloud, run);
        await expectNothingLeft(run);
      }
    };
    await Promise.all([stopAtEach(), stopAtEach(), stopAtEach()]);
  }, 180_000);

  test("finds its services running and restarts those that are gone", async () => {
    const run = deploy(tracingApp(0), tracingFiles);
    await succeed(cloud, run);
    await expect.poll(() => tracesOf(run)).toEqual(once);
    const [web] = await processesOf(run, "web");
    for (const { pid } of await processesOf(run, "worker")) process.kill(pid, "SIGKILL");
    await expect.poll(() => processesOf(run, "worker")).toEqual([]);
    await succeed(cloud, run);
    expect((await processesOf(run, "web")).map(({ pid }) => pid)).toContain(web?.pid);
    await expect.poll(() => tracesOf(run)).toEqual({ ...once, worker: 2 });
  });
});

test("a service whose shell was killed is replaced, not duplicated", async () => {
  const run = deploy(tracingApp(0), tracingFiles);
  await succeed(cloud, run);
  const [shell] = await shellsOf(run, "web");
  process.kill(shell?.pid ?? 0, "SIGKILL");
  await expect.poll(() => shellsOf(run, "web")).toEqual([]);
  const before = run.ledger.get("web")?.data.port;
  await succeed(cloud, run);
  expect(await shellsOf(run, "web")).toHaveLength(1);
  expect((await processesOf(run, "web")).filter(({ args }) => args[0] === "node")).toHaveLength(1);
  expect(run.ledger.get("web")?.data.port).toBe(before);
});

test("a service that exits during the deployment fails it, with its exit code and last output", async () => {
  const files = { ...tracingFiles, "worker.js": "console.log('no more tape'); process.exit(7)" };
  const run = deploy(tracingApp(0), files);
  const { message } = await fail(cloud, run);
  expect(message).toContain("worker ended with code 7");
  expect(message).toContain("no more tape");
  expect(await processesOf(run)).toEqual([]);
});

const exitsOnRequest = `require("node:http").createServer(() => process.exit(1)).listen(process.env.PORT)`;

test("a retry after a failed health check restarts the services and repeats no job", async () => {
  const run = deploy(tracingApp(0), { ...tracingFiles, "server.js": exitsOnRequest });
  expect(await fail(cloud, run)).toMatchObject({ step: "health" });
  expect(await processesOf(run)).toEqual([]);
  expect(run.ledger.get("web")?.state).toBe("done");
  rearm(run);
  await fail(cloud, run);
  expect(tracesOf(run)).toMatchObject({ build: 1, release: 1, first: 1 });
});

test("a draining server finishes the running step; the next one resumes from there", async () => {
  const draining = new AbortController();
  const run = deploy(tracingApp(1.5), tracingFiles, { drainSignal: draining.signal });
  const consumed = consume(run, cloud.provision(run));
  await hasStarted(run);
  draining.abort();
  expect(await consumed).toBeNull();
  expect([...run.ledger.values()].map(({ state }) => state)).not.toContain("running");
  expect(run.ledger.get("build")?.state).toBe("done");
  expect(run.ledger.get("release")?.state).toBe("waiting");
  run.drainSignal = new AbortController().signal;
  await succeed(cloud, run);
  expect(tracesOf(run)).toEqual(once);
});

test("a stopped deployment returns at once and can be removed", async () => {
  const stop = new AbortController();
  const run = deploy(tracingApp(60), tracingFiles, { signal: stop.signal });
  const consumed = consume(run, cloud.provision(run));
  await hasStarted(run);
  stop.abort();
  expect(await consumed).toBeNull();
  expect((await processesOf(run, "build")).length).toBeGreaterThan(0);
  run.signal = new AbortController().signal;
  await remove(cloud, run);
  await expectNothingLeft(run);
});
