import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastCrash } from "../../../src/clouds/local/provision/processes/detached-process.ts";
import { anApp, aService } from "../../harness/apps.ts";
import type { Deployment } from "../consumer.ts";
import { createLocalCloud, processesOf, remove, shellsOf, succeed } from "./local-cloud.ts";

const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud();

const web = `require("node:http").createServer((_, response) => response.end("here")).listen(process.env.PORT)`;
const worker = `
  require("node:fs").appendFileSync(process.env.HOME + "/starts", "start\\n");
  setInterval(() => {}, 1000);`;

const deployWorker = () =>
  deploy(
    anApp({
      read: [],
      services: [aService(), aService({ name: "worker", command: "node worker.js", public: false, port: null })],
    }),
    { "server.js": web, "worker.js": worker },
  );

const countStarts = (run: Deployment) => {
  const file = join(folderOf(run), "home/starts");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
};

async function killWorker(run: Deployment) {
  const [node] = (await processesOf(run, "worker")).filter(({ args }) => args[0] === "node");
  process.kill(node?.pid ?? 0, "SIGKILL");
}

test("a worker that dies is restarted, with a longer delay each time, and its crashes are recorded", async () => {
  const run = deployWorker();
  await succeed(cloud, run);
  await expect.poll(() => countStarts(run)).toBe(1);
  const files = join(folderOf(run), "processes/worker.1.1");
  expect(await lastCrash(files)).toBeNull();
  for (const crashes of [1, 2]) {
    await killWorker(run);
    await expect.poll(() => lastCrash(files)).toMatchObject({ count: crashes, code: 137, delaySeconds: crashes });
    await expect.poll(() => countStarts(run), { timeout: 10_000 }).toBe(crashes + 1);
  }
  expect(await shellsOf(run, "worker")).toHaveLength(1);
  await remove(cloud, run);
  await expectNothingLeft(run);
}, 30_000);

test("removal stops a worker that waits for its restart", async () => {
  const run = deployWorker();
  await succeed(cloud, run);
  await expect.poll(() => countStarts(run)).toBe(1);
  await killWorker(run);
  await expect
    .poll(async () => (await processesOf(run, "worker")).some(({ args }) => args[0] === "sleep" && args[1] === "1"))
    .toBe(true);
  await remove(cloud, run);
  await expectNothingLeft(run);
}, 30_000);
