import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { consume, logLines } from "../consumer.ts";
import { createLocalCloud, processesOf, remove, succeed } from "./local-cloud.ts";

const maxLogBytes = 200_000;
const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud({
  limits: { graceSeconds: 0.5, outputBytes: maxLogBytes, logSeconds: 0.2 },
});
const quiet = `require("node:http").createServer((_, response) => response.end("here")).listen(process.env.PORT)`;

test("logs of running services are rotated and keep their last lines", async () => {
  // 100 kB in 50 ms, once the deployment is done.
  const chatty = `${quiet}; let count = 0; setTimeout(() => setInterval(() => {
    for (let line = 0; line < 1000; line++) console.log(String(++count).padStart(99, "."));
  }, 50), 1500)`;
  const run = deploy(anApp({ read: [] }), { "server.js": chatty });
  const url = await succeed(cloud, run);
  const log = join(folderOf(run), "processes/web.1.1.log");
  await expect.poll(() => existsSync(`${log}.before`), { timeout: 15_000 }).toBe(true);
  for (let checks = 0; checks < 20; checks++) {
    expect(statSync(log).size).toBeLessThan(maxLogBytes + 2e6);
    await sleep(50);
  }
  expect(readFileSync(`${log}.before`, "utf8").split("\n").at(-2)).toMatch(/^\.+\d+$/);
  expect(statSync(`${log}.before`).size).toBeLessThanOrEqual(100_000);
  expect(await (await fetch(url)).text()).toBe("here");
  await remove(cloud, run);
  await expectNothingLeft(run);
});

needs("postgres")("the log of PostgreSQL is rotated too, whatever user it runs as", async () => {
  const run = deploy(anApp({ read: [], resources: [aResource()] }), { "server.js": quiet });
  await succeed(cloud, run);
  const place = String(run.ledger.get("database")?.data.place);
  const [shell] = (await processesOf(run, "database")).filter(({ pid, session }) => pid === session);
  const log = `${shell?.args[4]}.log`;
  expect(log.startsWith(place)).toBe(true);
  appendFileSync(log, `${"x".repeat(maxLogBytes)}\nthe last line\n`);
  await expect.poll(() => statSync(log).size, { timeout: 15_000 }).toBeLessThan(1000);
  expect(readFileSync(`${log}.before`, "utf8")).toContain("the last line");
});

test("the log of a build that prints while no server runs is rotated too, and is read from where it is", async () => {
  const stop = new AbortController();
  const command = 'until [ -e "$HOME/go" ]; do sleep 0.1; done; seq 1 100000; sleep 1; echo "and this"';
  const app = anApp({ read: [], build: { kind: "command", command, publish: null } });
  const run = deploy(app, { "server.js": quiet }, { signal: stop.signal });
  const consumed = consume(run, cloud.provision(run));
  await expect.poll(async () => (await processesOf(run, "build")).length).toBeGreaterThan(0);
  stop.abort();
  expect(await consumed).toBeNull();
  writeFileSync(join(folderOf(run), "home/go"), "");
  const log = join(folderOf(run), "processes/build.1.0.log");
  await expect.poll(() => existsSync(`${log}.before`), { timeout: 15_000 }).toBe(true);
  run.signal = new AbortController().signal;
  await succeed(cloud, run);
  expect(logLines(run)).toContain("and this");
});

test("the wrapper's variables and the app's do not mix", async () => {
  const names = ["files", "most", "pause", "code", "watch", "nap"];
  const env = Object.fromEntries(names.map((name) => [name, `the app's ${name}`]));
  const app = anApp({ read: [], jobs: [aJob({ command: "env" })], services: [aService()] });
  const run = deploy(app, { "server.js": quiet }, { env });
  await succeed(cloud, run);
  for (const name of names) expect(logLines(run)).toContain(`${name}=the app's ${name}`);
  expect(logLines(run).join("\n")).not.toContain("slipway_");
});
