import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { App } from "../../../src/app.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { consume, logLines, rearm } from "../consumer.ts";
import { createLocalCloud, fail, processesOf, remove, succeed } from "./local-cloud.ts";

// Every part of an app's description that this machine honours.

const quick = { graceSeconds: 0.5 };
const { cloud, deploy, folderOf, expectNothingLeft } = createLocalCloud({ limits: quick });

const printsEnvironment = {
  "server.js": `require("node:http").createServer((_, response) => {
    response.end(JSON.stringify(process.env));
  }).listen(process.env.PORT)`,
};
const fetchEnvironment = async (url: string) => (await (await fetch(url)).json()) as Record<string, string>;
/** Retries, because the health check waits only for the primary service. */
const pollEnvironment = (url: string) => vi.waitFor(() => fetchEnvironment(url), { timeout: 15_000, interval: 50 });
const plainApp = (overrides: Partial<App> = {}) => anApp({ read: [], ...overrides });

describe("variables that the manifest sets", () => {
  const printCommand = 'echo "$0 $URL $PEER"';
  const app = plainApp({
    env: {
      URL: "${app.url}/up",
      HOSTS: "${app.host},localhost",
      PEER: "http://${service.api.host}:3000/v1?at=${service.api.port}&url=${service.api.url}",
      WHERE: "${cloud} ${region} ${app.name}",
      DOLLARS: "$${app.url} costs $$5 at ${app.host}",
      PLAIN: "a$$b $HOME ${unknown} $(id)",
      NOBODY: "[${service.nobody.url}]",
    },
    services: [
      aService({ env: { ONLY: "web at ${app.url}", URL: "its own" } }),
      aService({ name: "api", public: false, port: 3000 }),
    ],
    jobs: [aJob({ command: printCommand }), aJob({ name: "seed", when: "first", command: printCommand })],
    build: { kind: "command", command: 'echo "built for $URL"', publish: null },
  });

  test("reach the build, the jobs and the services with the final addresses", async () => {
    const run = deploy(app, printsEnvironment);
    const url = await succeed(cloud, run);
    const api = `http://127.0.0.1:${run.ledger.get("api")?.data.port}`;
    const { port } = new URL(api);
    const peer = `http://127.0.0.1:${port}/v1?at=${port}&url=${api}`;
    expect(logLines(run)).toContain(`built for ${url}/up`);
    expect(logLines(run).filter((line) => line.endsWith(`${url}/up ${peer}`))).toHaveLength(2);
    const common = {
      HOSTS: "127.0.0.1,localhost",
      PEER: peer,
      WHERE: "local here An app",
      DOLLARS: "${app.url} costs $5 at 127.0.0.1",
      PLAIN: "a$$b $HOME ${unknown} $(id)",
      NOBODY: "[]",
    };
    expect(await fetchEnvironment(url)).toMatchObject({ ...common, ONLY: `web at ${url}`, URL: "its own" });
    const other = await pollEnvironment(api);
    expect(other).toMatchObject({ ...common, URL: `${url}/up`, PORT: port });
    expect(other).not.toHaveProperty("ONLY");
    await remove(cloud, run);
    await expectNothingLeft(run);
  });

  test("are the same after a crash anywhere and after a failure", async () => {
    const failing = { ...app, jobs: [aJob({ command: `${printCommand}; test -e "$HOME/go"` })] };
    const run = deploy(failing, printsEnvironment);
    await consume(run, cloud.provision(run), 2);
    const port = run.ledger.get("source")?.data["port.web"];
    expect(port).toBeGreaterThan(0);
    await fail(cloud, run);
    rearm(run);
    writeFileSync(join(folderOf(run), "home/go"), "");
    await consume(run, cloud.provision(run), 5);
    expect(await succeed(cloud, run)).toBe(`http://127.0.0.1:${port}`);
    expect(run.ledger.get("web")?.data.port).toBe(port);
    const output = logLines(run).filter((line) => line.includes("/up"));
    expect(new Set(output.map((line) => /127\.0\.0\.1:(\d+)\/up/.exec(line)?.[1]))).toEqual(new Set([`${port}`]));
  });

  test("fail if an exposed port was taken; a port that is not exposed is replaced", async () => {
    for (const env of [{ URL: "${app.url}" }, undefined]) {
      const run = deploy(plainApp(env ? { env } : {}), printsEnvironment);
      await consume(run, cloud.provision(run), 2);
      const port = Number(run.ledger.get("source")?.data["port.web"]);
      const thief = createServer().listen(port, "127.0.0.1");
      if (env) {
        const error = await fail(cloud, run);
        expect(error).toMatchObject({ step: "web" });
        expect(error.message).toContain(`Another program has taken port ${port}`);
      } else expect(await succeed(cloud, run)).not.toContain(`:${port}`);
      await new Promise((resolve) => thief.close(resolve));
      if (!env) continue;
      rearm(run);
      expect(await succeed(cloud, run)).toBe(`http://127.0.0.1:${port}`);
    }
  });

  test("placeholders are resolved in a default that was kept, not in an answer", async () => {
    const variables = [aVariable({ name: "SITE", default: "${app.url}/a" }), aVariable({ name: "TYPED" })];
    const kept = deploy(plainApp({ variables }), printsEnvironment, {
      env: { SITE: "${app.url}/a", TYPED: "${app.url}" },
    });
    const url = await succeed(cloud, kept);
    expect(await fetchEnvironment(url)).toMatchObject({ SITE: `${url}/a`, TYPED: "${app.url}" });
    const changed = deploy(plainApp({ variables }), printsEnvironment, { env: { SITE: "${app.url}/b", TYPED: "$$" } });
    expect(await fetchEnvironment(await succeed(cloud, changed))).toMatchObject({ SITE: "${app.url}/b", TYPED: "$$" });
  });

  needs("redis")("may combine resource outputs and addresses", async () => {
    const resources = [
      aResource({ name: "cache", type: "redis", env: { REDIS_USER: "${username}" } }),
      aResource({ name: "queue", type: "amqp", env: { AMQP_URL: "${url}" } }),
    ];
    const env = { ALL: "${app.url} ${resource.cache.port} ${resource.queue.url}" };
    const run = deploy(plainApp({ resources, env }), printsEnvironment, { env: { AMQP_URL: "amqp://me" } });
    const url = await succeed(cloud, run);
    const { port } = run.ledger.get("cache")?.data ?? {};
    expect(await fetchEnvironment(url)).toMatchObject({ ALL: `${url} ${port} amqp://me`, REDIS_USER: "default" });
  });
});

test("the manifest's overrides for this machine are applied", async () => {
  const overrides = {
    local: { services: { web: { command: "WHO=here node server.js" }, worker: { scale: { min: 0, max: 0 } } } },
    aws: { services: { web: { command: "false" } } },
  };
  const worker = aService({ name: "worker", command: "exec sleep 600", public: false, port: null });
  const run = deploy(plainApp({ overrides, services: [aService(), worker] }), printsEnvironment);
  expect(await fetchEnvironment(await succeed(cloud, run))).toHaveProperty("WHO", "here");
  expect([...run.ledger.keys()]).not.toContain("worker");
});

describe("timeouts from the manifest", () => {
  test("a job's timeout replaces the default, longer or shorter", async () => {
    const short = deploy(plainApp({ jobs: [aJob({ command: "sleep 300", timeout: 1 })] }), printsEnvironment);
    expect((await fail(cloud, short)).message).toContain("The job release took longer than 1 seconds.");
    const { cloud: impatient, deploy: deployImpatiently } = createLocalCloud({ limits: { ...quick, jobSeconds: 0.5 } });
    await succeed(
      impatient,
      deployImpatiently(plainApp({ jobs: [aJob({ command: "sleep 1.5", timeout: 60 })] }), printsEnvironment),
    );
  });

  test("a scheduled job is stopped after its timeout, with all that it started, and runs again", async () => {
    const command = 'echo begun >> "$HOME/runs"; sleep 398 & sleep 399; echo never >> "$HOME/runs"';
    const jobs = [aJob({ name: "tick", when: "schedule", schedule: "* * * * * *", command, timeout: 0.5 })];
    const run = deploy(plainApp({ jobs }), printsEnvironment);
    await succeed(cloud, run);
    const runs = () => readFileSync(join(folderOf(run), "home/runs"), "utf8");
    await expect.poll(runs, { timeout: 15_000 }).toMatch(/^(begun\n){2,}$/);
    const sleeping = (await processesOf(run, "schedule")).filter(({ args }) => /^39[89]$/.test(args[1] ?? ""));
    expect(sleeping.length).toBeLessThanOrEqual(2);
    await remove(cloud, run);
    await expectNothingLeft(run);
  });

  const slowServer = (startMs: number, responseMs: number) => ({
    "server.js": `setTimeout(() => require("node:http").createServer((_, response) => {
      setTimeout(() => response.end("here"), ${responseMs});
    }).listen(process.env.PORT), ${startMs})`,
  });

  test("a service may use its grace period before the first response", async () => {
    const { cloud: impatient, deploy: deployImpatiently } = createLocalCloud({
      limits: { ...quick, healthSeconds: 0.5 },
    });
    const services = [aService({ health: { path: "/", grace: 20 } })];
    await succeed(impatient, deployImpatiently(plainApp({ services }), slowServer(1500, 0)));
  });

  test("a response slower than the health check's timeout does not count", async () => {
    const { cloud: impatient, deploy: deployImpatiently } = createLocalCloud({
      limits: { ...quick, healthSeconds: 2 },
    });
    const withTimeout = (timeout: number) => [aService({ health: { path: "/", timeout } })];
    const error = await fail(
      impatient,
      deployImpatiently(plainApp({ services: withTimeout(0.2) }), slowServer(0, 800)),
    );
    expect(error.message).toContain("does not answer at / after 2 seconds");
    await succeed(impatient, deployImpatiently(plainApp({ services: withTimeout(5) }), slowServer(0, 800)));
  });
});

describe("volumes", () => {
  const volume = (mount: string, name = "data") => ({ name, mount, size: 1 });
  const withVolumes = (...volumes: { name: string; mount: string; size: number }[]) =>
    plainApp({
      services: [aService({ volumes })],
      jobs: [aJob({ command: "date >> storage/deep/dates" })],
      build: { kind: "command", command: "ls storage/deep && rm -r storage", publish: null },
    });

  test("inside the app exist before the build and again after it", async () => {
    const app = { ...withVolumes(volume("/app/storage/deep/"), volume("/app", "all")), jobs: [] };
    const run = deploy(app, { ...printsEnvironment, "storage/deep/first": "" });
    await succeed(cloud, run);
    expect(logLines(run)).toContain("first");
    writeFileSync(join(folderOf(run), "app/storage/deep/kept"), "");
    for (const { pid } of await processesOf(run, "web")) process.kill(pid, "SIGKILL");
    await expect.poll(() => processesOf(run, "web")).toEqual([]);
    await succeed(cloud, run);
    expect(readFileSync(join(folderOf(run), "app/storage/deep/kept"), "utf8")).toBe("");
  });

  test("outside the app are ignored, relative paths included", async () => {
    const outside = join(folderOf(deploy(plainApp(), printsEnvironment)), "escape");
    const run = deploy(
      plainApp({ services: [aService({ volumes: [volume(outside), volume("/app/../../x/y")] })] }),
      printsEnvironment,
    );
    await succeed(cloud, run);
    expect(() => readFileSync(outside)).toThrow("ENOENT");
    expect(readFileSync(join(folderOf(run), "app/server.js"), "utf8")).toBe(printsEnvironment["server.js"]);
  });

  test("behind a link out of the app, or that are files, are refused", async () => {
    const linked = deploy(
      plainApp({ services: [aService({ volumes: [volume("/app/out/escaped")] })] }),
      printsEnvironment,
      {
        async fetchSource(into) {
          mkdirSync(join(into, "..", "target"));
          symlinkSync("../target", join(into, "out"));
          writeFileSync(join(into, "server.js"), printsEnvironment["server.js"]);
        },
      },
    );
    const error = await fail(cloud, linked);
    expect(error).toMatchObject({ step: "source", next: "Mount it somewhere else in the app." });
    expect(error.message).toContain("a link leads out");
    expect(() => readFileSync(join(folderOf(linked), "target/escaped"))).toThrow("ENOENT");
    const file = deploy(plainApp({ services: [aService({ volumes: [volume("/app/server.js")] })] }), printsEnvironment);
    expect((await fail(cloud, file)).message).toContain("it is a file");
    const nul = deploy(plainApp({ services: [aService({ volumes: [volume("/app/a\0b")] })] }), printsEnvironment);
    expect((await fail(cloud, nul)).message).toContain("cannot be made");
  });
});

test("a service with its own build is refused, never run from the wrong files", async () => {
  const build = { kind: "image" as const, image: "ghcr.io/o/r" };
  const run = deploy(
    plainApp({ services: [aService(), aService({ name: "api", build, public: false })] }),
    printsEnvironment,
  );
  const error = await fail(cloud, run);
  expect(error).toMatchObject({ step: "api", message: expect.stringContaining("built apart") });
  expect(await processesOf(run)).toEqual([]);
});
