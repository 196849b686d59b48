import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { App } from "../../../src/app.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { consume, lines, rearm } from "../consumer.ts";
import { fail, here, processesOf, remove, succeed } from "./local-cloud.ts";

// Everything the shape of an app can say, as far as this machine honours it.

const quick = { graceSeconds: 0.5 };
const { cloud, deploy, folderOf, nothingLeft } = here({ limits: quick });

const tells = {
  "server.js": `require("node:http").createServer((_, response) => {
    response.end(JSON.stringify(process.env));
  }).listen(process.env.PORT)`,
};
const told = async (url: string) => (await (await fetch(url)).json()) as Record<string, string>;
/** Only the service with the app's address is waited for: another one may be a moment behind it. */
const toldSoon = (url: string) => vi.waitFor(() => told(url), { timeout: 15_000, interval: 50 });
const plain = (more: Partial<App> = {}) => anApp({ read: [], ...more });

describe("values nobody is asked for", () => {
  const prints = 'echo "$0 $URL $PEER"';
  const app = plain({
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
    jobs: [aJob({ command: prints }), aJob({ name: "seed", when: "first", command: prints })],
    build: { kind: "command", command: 'echo "built for $URL"', publish: null },
  });

  test("reach the build, the jobs and the services with the addresses the services then have", async () => {
    const run = deploy(app, tells);
    const url = await succeed(cloud, run);
    const api = `http://127.0.0.1:${run.ledger.get("api")?.data.port}`;
    const { port } = new URL(api);
    const peer = `http://127.0.0.1:${port}/v1?at=${port}&url=${api}`;
    expect(lines(run)).toContain(`built for ${url}/up`);
    expect(lines(run).filter((line) => line.endsWith(`${url}/up ${peer}`))).toHaveLength(2);
    const common = {
      HOSTS: "127.0.0.1,localhost",
      PEER: peer,
      WHERE: "local here An app",
      DOLLARS: "${app.url} costs $5 at 127.0.0.1",
      PLAIN: "a$$b $HOME ${unknown} $(id)",
      NOBODY: "[]",
    };
    expect(await told(url)).toMatchObject({ ...common, ONLY: `web at ${url}`, URL: "its own" });
    const other = await toldSoon(api);
    expect(other).toMatchObject({ ...common, URL: `${url}/up`, PORT: port });
    expect(other).not.toHaveProperty("ONLY");
    await remove(cloud, run);
    await nothingLeft(run);
  });

  test("are the same after a crash anywhere and after a failure", async () => {
    const failing = { ...app, jobs: [aJob({ command: `${prints}; test -e "$HOME/go"` })] };
    const run = deploy(failing, tells);
    await consume(run, cloud.provision(run), 2);
    const port = run.ledger.get("source")?.data["port.web"];
    expect(port).toBeGreaterThan(0);
    await fail(cloud, run);
    rearm(run);
    writeFileSync(join(folderOf(run), "home/go"), "");
    await consume(run, cloud.provision(run), 5);
    expect(await succeed(cloud, run)).toBe(`http://127.0.0.1:${port}`);
    expect(run.ledger.get("web")?.data.port).toBe(port);
    const said = lines(run).filter((line) => line.includes("/up"));
    expect(new Set(said.map((line) => /127\.0\.0\.1:(\d+)\/up/.exec(line)?.[1]))).toEqual(new Set([`${port}`]));
  });

  test("are never wrong in silence: a port that was told and is taken is refused, one that was not is replaced", async () => {
    for (const env of [{ URL: "${app.url}" }, undefined]) {
      const run = deploy(plain(env ? { env } : {}), tells);
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

  test("a default with an address in it is filled in when it was kept; an answer stays what it is", async () => {
    const variables = [aVariable({ name: "SITE", default: "${app.url}/a" }), aVariable({ name: "TYPED" })];
    const kept = deploy(plain({ variables }), tells, { env: { SITE: "${app.url}/a", TYPED: "${app.url}" } });
    const url = await succeed(cloud, kept);
    expect(await told(url)).toMatchObject({ SITE: `${url}/a`, TYPED: "${app.url}" });
    const changed = deploy(plain({ variables }), tells, { env: { SITE: "${app.url}/b", TYPED: "$$" } });
    expect(await told(await succeed(cloud, changed))).toMatchObject({ SITE: "${app.url}/b", TYPED: "$$" });
  });

  needs("redis")("may be made of a resource and an address together", async () => {
    const resources = [
      aResource({ name: "cache", type: "redis", env: { REDIS_USER: "${username}" } }),
      aResource({ name: "queue", type: "amqp", env: { AMQP_URL: "${url}" } }),
    ];
    const env = { ALL: "${app.url} ${resource.cache.port} ${resource.queue.url}" };
    const run = deploy(plain({ resources, env }), tells, { env: { AMQP_URL: "amqp://me" } });
    const url = await succeed(cloud, run);
    const { port } = run.ledger.get("cache")?.data ?? {};
    expect(await told(url)).toMatchObject({ ALL: `${url} ${port} amqp://me`, REDIS_USER: "default" });
  });
});

test("what the manifest says for this machine alone is what runs", async () => {
  const overrides = {
    local: { services: { web: { command: "WHO=here node server.js" }, worker: { scale: { min: 0, max: 0 } } } },
    aws: { services: { web: { command: "false" } } },
  };
  const worker = aService({ name: "worker", command: "exec sleep 600", public: false, port: null });
  const run = deploy(plain({ overrides, services: [aService(), worker] }), tells);
  expect(await told(await succeed(cloud, run))).toHaveProperty("WHO", "here");
  expect([...run.ledger.keys()]).not.toContain("worker");
});

describe("times that the manifest gives", () => {
  test("a job ends after its own, longer or shorter than ours", async () => {
    const short = deploy(plain({ jobs: [aJob({ command: "sleep 300", timeout: 1 })] }), tells);
    expect((await fail(cloud, short)).message).toContain("The job release took longer than 1 seconds.");
    const { cloud: hasty, deploy: order } = here({ limits: { ...quick, jobSeconds: 0.5 } });
    await succeed(hasty, order(plain({ jobs: [aJob({ command: "sleep 1.5", timeout: 60 })] }), tells));
  });

  test("a scheduled job is ended after its own, with all that it has started, and comes again", async () => {
    const command = 'echo begun >> "$HOME/runs"; sleep 398 & sleep 399; echo never >> "$HOME/runs"';
    const jobs = [aJob({ name: "tick", when: "schedule", schedule: "* * * * * *", command, timeout: 0.5 })];
    const run = deploy(plain({ jobs }), tells);
    await succeed(cloud, run);
    const runs = () => readFileSync(join(folderOf(run), "home/runs"), "utf8");
    await expect.poll(runs, { timeout: 15_000 }).toMatch(/^(begun\n){2,}$/);
    const sleeping = (await processesOf(run, "schedule")).filter(({ args }) => /^39[89]$/.test(args[1] ?? ""));
    expect(sleeping.length).toBeLessThanOrEqual(2);
    await remove(cloud, run);
    await nothingLeft(run);
  });

  const lateBy = (milliseconds: number, answersIn: number) => ({
    "server.js": `setTimeout(() => require("node:http").createServer((_, response) => {
      setTimeout(() => response.end("here"), ${answersIn});
    }).listen(process.env.PORT), ${milliseconds})`,
  });

  test("a service may take its grace to answer first", async () => {
    const { cloud: hasty, deploy: order } = here({ limits: { ...quick, healthSeconds: 0.5 } });
    const services = [aService({ health: { path: "/", grace: 20 } })];
    await succeed(hasty, order(plain({ services }), lateBy(1500, 0)));
  });

  test("an answer that takes longer than the health check waits is none", async () => {
    const { cloud: hasty, deploy: order } = here({ limits: { ...quick, healthSeconds: 2 } });
    const asks = (timeout: number) => [aService({ health: { path: "/", timeout } })];
    const error = await fail(hasty, order(plain({ services: asks(0.2) }), lateBy(0, 800)));
    expect(error.message).toContain("does not answer at / after 2 seconds");
    await succeed(hasty, order(plain({ services: asks(5) }), lateBy(0, 800)));
  });
});

describe("volumes", () => {
  const volume = (mount: string, name = "data") => ({ name, mount, size: 1 });
  const withVolumes = (...volumes: { name: string; mount: string; size: number }[]) =>
    plain({
      services: [aService({ volumes })],
      jobs: [aJob({ command: "date >> storage/deep/dates" })],
      build: { kind: "command", command: "ls storage/deep && rm -r storage", publish: null },
    });

  test("inside the app are folders of it, there before the build and again after it", async () => {
    const app = { ...withVolumes(volume("/app/storage/deep/"), volume("/app", "all")), jobs: [] };
    const run = deploy(app, { ...tells, "storage/deep/first": "" });
    await succeed(cloud, run);
    expect(lines(run)).toContain("first");
    writeFileSync(join(folderOf(run), "app/storage/deep/kept"), "");
    for (const { pid } of await processesOf(run, "web")) process.kill(pid, "SIGKILL");
    await expect.poll(() => processesOf(run, "web")).toEqual([]);
    await succeed(cloud, run);
    expect(readFileSync(join(folderOf(run), "app/storage/deep/kept"), "utf8")).toBe("");
  });

  test("outside the app are left alone, dots and all", async () => {
    const outside = join(folderOf(deploy(plain(), tells)), "escape");
    const run = deploy(
      plain({ services: [aService({ volumes: [volume(outside), volume("/app/../../x/y")] })] }),
      tells,
    );
    await succeed(cloud, run);
    expect(() => readFileSync(outside)).toThrow("ENOENT");
    expect(readFileSync(join(folderOf(run), "app/server.js"), "utf8")).toBe(tells["server.js"]);
  });

  test("that a link leads out of the app, or that are files, are refused", async () => {
    const leading = deploy(plain({ services: [aService({ volumes: [volume("/app/out/escaped")] })] }), tells, {
      async fetchSource(into) {
        mkdirSync(join(into, "..", "target"));
        symlinkSync("../target", join(into, "out"));
        writeFileSync(join(into, "server.js"), tells["server.js"]);
      },
    });
    const error = await fail(cloud, leading);
    expect(error).toMatchObject({ step: "source", next: "Mount it somewhere else in the app." });
    expect(error.message).toContain("a link leads out");
    expect(() => readFileSync(join(folderOf(leading), "target/escaped"))).toThrow("ENOENT");
    const file = deploy(plain({ services: [aService({ volumes: [volume("/app/server.js")] })] }), tells);
    expect((await fail(cloud, file)).message).toContain("it is a file");
    const nul = deploy(plain({ services: [aService({ volumes: [volume("/app/a\0b")] })] }), tells);
    expect((await fail(cloud, nul)).message).toContain("cannot be made");
  });
});

test("a service that is built apart is refused, never run from the wrong files", async () => {
  const build = { kind: "image" as const, image: "ghcr.io/o/r" };
  const run = deploy(plain({ services: [aService(), aService({ name: "api", build, public: false })] }), tells);
  const error = await fail(cloud, run);
  expect(error).toMatchObject({ step: "api", message: expect.stringContaining("built apart") });
  expect(await processesOf(run)).toEqual([]);
});
