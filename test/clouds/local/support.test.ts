import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/local/compile/compile.ts";
import { support } from "../../../src/clouds/local/compile/support.ts";
import { askedVariables } from "../../../src/clouds/local/compile/variables.ts";
import { findPostgres, installed } from "../../../src/clouds/local/programs.ts";
import { requirementsOf } from "../../../src/manifest/requirements.ts";
import { Plan } from "../../../src/plan.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../../harness/apps.ts";

const scratch = mkdtempSync(join(tmpdir(), "slipway-test-"));
afterAll(() => rmSync(scratch, { recursive: true, maxRetries: 5 }));

/** Returns a PATH with exactly these programs. */
function pathWith(...programs: string[]): string {
  const folder = mkdtempSync(join(scratch, "path"));
  for (const program of programs) writeFileSync(join(folder, program), "#!/bin/sh\n", { mode: 0o755 });
  return folder;
}
const everything = pathWith("npm", "python3", "ruby", "bundle", "go", "postgres", "initdb", "redis-server");
const levels = (app: App, path = everything) =>
  support(app, installed(path)).map(({ level, message }) => `${level}: ${message}`);

describe("support", () => {
  test("has no remarks for an app in a supported language", () => {
    expect(levels(anApp())).toEqual([]);
    const buildpacks = { kind: "buildpacks" as const, builder: null, buildpacks: [] };
    for (const language of ["node", "python", "ruby", "go"])
      expect(levels(anApp({ build: { ...buildpacks, language } }))).toEqual([]);
  });

  test("names the missing program and how to install it", () => {
    const [remark] = support(anApp(), installed(pathWith("python3")));
    expect(remark).toMatchObject({
      level: "missing",
      message: "A Node.js app needs npm, which is not on the PATH of this machine.",
    });
    expect(remark?.fix).toContain("nodejs.org");
    const redis = anApp({ resources: [aResource({ name: "cache", type: "redis" })] });
    const [missing] = support(redis, installed(pathWith("npm")));
    if (missing)
      expect(missing).toMatchObject({
        level: "missing",
        message: "cache needs Redis, which is not installed on this machine.",
      });
    expect(levels(redis, pathWith("npm", "valkey-server"))).toEqual([
      "exact: `resources.cache` is a managed redis: it gets a server of its own here, which nobody else uses.",
    ]);
  });

  test("names unsupported languages", () => {
    const build = { kind: "buildpacks" as const, builder: null, buildpacks: [], language: "elixir" };
    expect(levels(anApp({ build }))).toEqual([
      "missing: This machine builds Go, Node.js, Python, Ruby, and no elixir.",
    ]);
  });

  test("runs no containers, unless the files can be built without", () => {
    const dockerfile = { kind: "dockerfile" as const, dockerfile: "Dockerfile", context: "." };
    expect(levels(anApp({ build: dockerfile, read: ["Dockerfile"] }))[0]).toMatch(
      /^missing: This machine runs no containers/,
    );
    expect(levels(anApp({ build: dockerfile, read: ["Dockerfile", "Gemfile"] }))).toEqual([
      "approximate: This machine runs no containers: instead of the Dockerfile, the files are built as a Ruby app.",
    ]);
    expect(levels(anApp({ build: { kind: "image", image: "ghcr.io/o/r" }, read: [] }))[0]).toContain("ghcr.io/o/r");
  });

  test("distinguishes sizes, scales, versions and schedules by level", () => {
    const app = anApp({
      services: [
        aService({ size: "L", scale: { min: 3, max: 9 } }),
        aService({ name: "api", scale: { min: 0, max: 2 } }),
        aService({ name: "idle", scale: { min: 0, max: 0 }, build: { kind: "image", image: "i" } }),
      ],
      resources: [aResource({ version: "15", size: "M" })],
      jobs: [aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *", size: "M" })],
    });
    expect(levels(app)).toEqual([
      "approximate: database asks for PostgreSQL 15 and gets the version installed here.",
      "ignored: The size of database: it takes what this machine has.",
      "exact: idle is scaled to nothing, so it is not started.",
      "ignored: The size of web: it takes what this machine has.",
      "approximate: web runs once here, not 3 times.",
      "approximate: api runs once here, however busy it is.",
      "approximate: Only web gets an address that is shown; api runs with a port of its own.",
      "exact: nightly runs on its schedule (0 3 * * *, UTC) while this machine is on.",
      "ignored: The size of nightly: it takes what this machine has.",
    ]);
  });

  test("has a remark for everything an app needs", () => {
    const image = { kind: "image" as const, image: "ghcr.io/o/r" };
    const data = { name: "data", size: 1 };
    const app = anApp({
      env: { URL: "${app.url}", "an.odd-name": "x" },
      services: [
        aService({ health: { path: "/up" }, env: { A: "b" }, volumes: [{ ...data, mount: "/app/data" }] }),
        aService({ name: "api", public: false, build: image, volumes: [{ ...data, mount: "/data" }] }),
        aService({ name: "admin", scale: { min: 1, max: 4 } }),
      ],
      resources: [
        aResource({ options: { storage: 20, extensions: ["postgis"] } }),
        aResource({ name: "queue", type: "amqp", env: {} }),
      ],
      jobs: [
        aJob(),
        aJob({ name: "seed", when: "first" }),
        aJob({ name: "n", when: "schedule", schedule: "* * * * *" }),
      ],
    });
    const remarks = support(app, installed(everything));
    const pathsOf = (level: string) => remarks.filter((remark) => remark.level === level).map(({ path }) => path);
    expect(pathsOf("missing")).toEqual(["services.api.build"]);
    expect(pathsOf("ignored")).toEqual([
      "services.api.volumes.data",
      "resources.database.storage",
      "resources.database.extensions",
      "env.an.odd-name",
    ]);
    expect(pathsOf("approximate")).toEqual([
      "resources.queue",
      "services.web.volumes.data",
      "services.admin.scale",
      "services.admin",
      "env.URL",
    ]);
    for (const { kind, path } of requirementsOf(app))
      expect({ kind, hasRemark: remarks.some((remark) => remark.path === path) }).toEqual({ kind, hasRemark: true });
  });

  test("applies the manifest's overrides for this machine", () => {
    const local = { resources: { database: { version: "15" } }, options: { cpus: 4 } };
    const app = anApp({ resources: [aResource()], overrides: { local, aws: { supported: false } } });
    expect(levels(app)).toEqual([
      "ignored: This machine knows no option called cpus.",
      "approximate: database asks for PostgreSQL 15 and gets the version installed here.",
    ]);
    expect(levels(anApp({ overrides: { local: { supported: false } } }))).toEqual([
      "missing: The maintainers of An app say that it does not run on a machine like this.",
    ]);
  });

  test("names buildpacks that do more than build the language", () => {
    const build = (...buildpacks: string[]) =>
      anApp({ build: { kind: "buildpacks", builder: null, buildpacks, language: "node" } });
    expect(levels(build("heroku/nodejs", "https://github.com/heroku/heroku-buildpack-nodejs.git#v1"))).toEqual([]);
    expect(levels(build("heroku/nodejs", "heroku-community/apt"))).toEqual([
      "approximate: The files are built as a Node.js app, without heroku-community/apt.",
    ]);
  });
});

describe("a resource that this machine does not run", () => {
  const resources = [
    aResource(),
    aResource({ name: "queue", type: "amqp", env: { AMQP_URL: "${url}", QUEUE: "${host}" } }),
    aResource({ name: "queue2", type: "amqp", env: { AMQP_URL: "${url}", FIXED: "${host}" } }),
    aResource({ name: "mail", type: "smtp", env: { SMTP_HOST: "${host}" } }),
  ];
  const variables = [aVariable({ name: "QUEUE", default: "mine" })];
  const app = anApp({ resources, variables, env: { FIXED: "x" } });

  test("is asked for, each variable once, without those that are set already", () => {
    expect(askedVariables(app).map(({ name, required, secret }) => [name, required, secret])).toEqual([
      ["QUEUE", true, false],
      ["AMQP_URL", true, true],
      ["SMTP_HOST", false, false],
    ]);
    expect(levels(app).filter((line) => line.includes("asked for"))).toEqual([
      "approximate: queue is a RabbitMQ server, which this machine has not: you are asked for one of your own. It goes into AMQP_URL, QUEUE.",
      "approximate: queue2 is a RabbitMQ server, which this machine has not: you are asked for one of your own. It goes into AMQP_URL, FIXED.",
      "approximate: mail is a mail server, which this machine has not: you are asked for one of your own. It goes into SMTP_HOST, or is left out.",
    ]);
  });

  test("is not part of the stack", () => {
    const { steps, stack } = compile(app, { region: "here", preset: "economy" });
    expect(steps.map(({ name }) => name)).toEqual(["source", "database", "build", "web", "health"]);
    expect(stack).toMatchObject({ resources: [{ name: "database" }] });
  });
});

test("finds the newest PostgreSQL off the PATH that has both programs", () => {
  const root = mkdtempSync(join(scratch, "path"));
  for (const version of ["9.6", "15", "16", "17"]) {
    mkdirSync(join(root, version, "bin"), { recursive: true });
    writeFileSync(join(root, version, "bin/postgres"), "", { mode: 0o755 });
    if (version !== "17") writeFileSync(join(root, version, "bin/initdb"), "", { mode: 0o755 });
  }
  expect(findPostgres("/nowhere", [`${root}/*/bin`])).toBe(join(root, "16/bin"));
  expect(findPostgres(pathWith("postgres"), [])).toBeNull();
  expect(findPostgres(everything, [`${root}/*/bin`])).toBe(everything);
});

test("a plan is free, survives storage, and names every step once", () => {
  const app = anApp({
    services: [aService(), aService({ name: "worker", public: false, port: null })],
    resources: [aResource(), aResource({ name: "web", type: "redis" })],
    jobs: [
      aJob({ when: "first", name: "seed" }),
      aJob(),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" }),
    ],
  });
  const plan = compile(app, { region: "here", preset: "economy" });
  expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  expect(plan.monthly).toBe(0);
  expect(plan.lines.map((line) => [line.for, line.monthly])).toEqual([
    ["web", 0],
    ["worker", 0],
    ["database", 0],
    ["web", 0],
    ["nightly", 0],
  ]);
  const names = [
    "source",
    "database",
    "web",
    "build",
    "release",
    "seed",
    "service-web",
    "worker",
    "schedule",
    "health",
  ];
  expect(plan.steps.map(({ name }) => name)).toEqual(names);
});
