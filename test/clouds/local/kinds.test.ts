import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { processes } from "../../../src/clouds/local/provision/processes/process-table.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { logLines } from "../consumer.ts";
import { createLocalCloud, fail, processesOf, remove, succeed } from "./local-cloud.ts";

const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud();

const awkwardFolder = mkdtempSync(join(tmpdir(), "slipway-test-"));
afterAll(() => rmSync(awkwardFolder, { recursive: true, maxRetries: 5 }));

const respondsWith = (text: string) => `require("node:http").createServer((_, response) => {
  response.end(${text});
}).listen(process.env.PORT)`;

test("a Node app is installed, built, and started as its package.json says", async () => {
  const scripts = {
    build: "node -e \"require('fs').writeFileSync('built.txt', process.version)\"",
    start: "node server.js",
  };
  const run = deploy(anApp({ services: [aService({ command: null })] }), {
    "package.json": JSON.stringify({ name: "an-app", version: "1.0.0", scripts }),
    "server.js": respondsWith("require('fs').readFileSync('built.txt')"),
  });
  const url = await succeed(cloud, run);
  expect(await (await fetch(url)).text()).toBe(process.version);
  expect(logLines(run)).toEqual(expect.arrayContaining(["$ npm install", "$ npm run build"]));
  await remove(cloud, run);
  await expectNothingLeft(run);
});

test("a failing build reports its last output", async () => {
  const scripts = { build: "echo halfway; exit 9" };
  const run = deploy(anApp(), { "package.json": JSON.stringify({ name: "an-app", version: "1.0.0", scripts }) });
  const { message, step } = await fail(cloud, run);
  expect(step).toBe("build");
  expect(message).toContain("`npm run build` ended with code 9.");
  expect(message).toContain("halfway");
});

needs("python")(
  "a Python app gets its own virtual environment",
  async () => {
    const files = {
      "requirements.txt": "# nothing but what Python brings\n",
      "package.json": "{}",
      "server.py": `
import os, sys
from http.server import HTTPServer, BaseHTTPRequestHandler
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sys.prefix.encode())
HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
`,
    };
    const build = { kind: "buildpacks" as const, builder: null, buildpacks: [], language: null };
    const run = deploy(anApp({ build, services: [aService({ command: "python3 server.py" })] }), files);
    const url = await succeed(cloud, run);
    expect(await (await fetch(url)).text()).toContain(join("local", run.id, "made"));
  },
  60_000,
);

test("everything works in a folder with an awkward name", async () => {
  const dataDir = join(awkwardFolder, 'it\'s a "data" $(dir) \\ ü');
  mkdirSync(dataDir);
  const { cloud, deploy, expectNothingLeft } = createLocalCloud({ dataDir });
  const run = deploy(
    anApp({
      build: { kind: "command", command: "echo built > built.txt", publish: null },
      jobs: [aJob({ command: "cat built.txt" })],
    }),
    { "server.js": respondsWith("'here'") },
  );
  const url = await succeed(cloud, run);
  expect(await (await fetch(url)).text()).toBe("here");
  expect(logLines(run)).toContain("built");
  await remove(cloud, run);
  await expectNothingLeft(run);
});

needs("redis")("Redis works in such a folder too", async () => {
  const dataDir = join(awkwardFolder, "a b");
  mkdirSync(dataDir);
  const { cloud, deploy } = createLocalCloud({ dataDir });
  const resources = [aResource({ name: "cache", type: "redis", env: { REDIS_URL: "${url}", REDIS_PORT: "${port}" } })];
  const run = deploy(anApp({ resources }), { "server.js": respondsWith("process.env.REDIS_URL") });
  const url = await (await fetch(await succeed(cloud, run))).text();
  expect(url).toBe(`redis://:${run.deriveSecret("cache")}@127.0.0.1:${run.ledger.get("cache")?.data.port}`);
});

test("a worker needs no address; a service scaled to zero is not started", async () => {
  const sleeps = { public: false, port: null, command: "exec sleep 600" };
  const services = [
    aService({ ...sleeps, name: "worker" }),
    aService({ ...sleeps, name: "idle", scale: { min: 0, max: 0 } }),
  ];
  const run = deploy(anApp({ services }), { "server.js": "" });
  expect(await succeed(cloud, run)).toBe("");
  expect(await processesOf(run, "worker")).not.toEqual([]);
  expect([...run.ledger.keys()]).not.toContain("idle");
});

test("scheduled jobs run on schedule, one run of a job at a time", async () => {
  const jobs = [
    aJob({ name: "tick", when: "schedule", schedule: "* * * * * *", command: 'echo tick >> "$HOME/ticks"; sleep 1.5' }),
  ];
  const run = deploy(anApp({ jobs }), {
    "server.js": respondsWith("require('fs').readFileSync(process.env.HOME + '/ticks', { flag: 'a+' })"),
  });
  const url = await succeed(cloud, run);
  const ticks = async () => (await (await fetch(url)).text()).length / "tick\n".length;
  await expect.poll(() => ticks(), { timeout: 10_000 }).toBeGreaterThan(1);
  const running = (await processesOf(run, "schedule")).filter(({ args }) => args.join(" ").includes("sleep 1.5"));
  expect(running.length).toBeLessThan(3);
  await remove(cloud, run);
  await expectNothingLeft(run);
});

test("an invalid schedule fails the deployment", async () => {
  const jobs = [aJob({ name: "never", when: "schedule", schedule: "whenever" })];
  const slow = respondsWith("''").replace("require", "setTimeout(() => require").replace(/$/, ", 3000)");
  const run = deploy(anApp({ jobs }), { "server.js": slow });
  expect((await fail(cloud, run)).message).toContain("The schedule ended with code 1");
});

test("files that the app made read-only are removed too", async () => {
  const run = deploy(anApp(), { "server.js": respondsWith("'here'") });
  await succeed(cloud, run);
  const folder = join(folderOf(run), "home", "closed");
  mkdirSync(folder);
  writeFileSync(join(folder, "file"), "");
  chmodSync(folder, 0o500);
  await remove(cloud, run);
  expect(existsSync(folder)).toBe(false);
});

needs("proc")(
  "a daemon without marker, parent and session is stopped at removal by the folder it works in",
  async () => {
    const daemons = [4, 5].map((digit) => `sleep ${process.pid}${digit}`);
    const [first, second] = daemons;
    const command = `(env -i setsid ${first} &); (cd public && env -i setsid ${second} &); exec node server.js`;
    const files = { "server.js": respondsWith("'here'"), "public/index.html": "" };
    const run = deploy(anApp({ services: [aService({ command })] }), files);
    await succeed(cloud, run);
    const commandLines = async () => (await processes()).map(({ args }) => args.join(" ").trim());
    await expect.poll(commandLines).toEqual(expect.arrayContaining(daemons));
    await remove(cloud, run);
    for (const daemon of daemons) expect(await commandLines()).not.toContain(daemon);
  },
);

needs("proc")("processes without marker, without parent or in their own session are found", async () => {
  const hidden = [1, 2, 3].map((digit) => `sleep ${process.pid}${digit}`);
  const [unmarked, orphaned, ownSession] = hidden;
  const command = `(env -i ${unmarked} &); (${orphaned} & :); (setsid ${ownSession} &); exec node server.js`;
  const run = deploy(anApp({ services: [aService({ command })] }), { "server.js": respondsWith("'here'") });
  await succeed(cloud, run);
  const commandLines = async () => (await processesOf(run, "web")).map(({ args }) => args.join(" ").trim());
  await expect.poll(commandLines).toEqual(expect.arrayContaining(hidden));
  await remove(cloud, run);
  const all = (await processes()).map(({ args }) => args.join(" ").trim());
  for (const command of hidden) expect(all).not.toContain(command);
});
