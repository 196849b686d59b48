import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { findPostgres, findProgram } from "../../../src/clouds/local/programs.ts";
import { nonLoopbackListeners } from "../../../src/clouds/local/provision/processes/ports.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { createLocalCloud, fail, processesOf, remove, succeed } from "./local-cloud.ts";

const ownEnvironment = {
  ...process.env,
  SECRET: "our-own-secret",
  GITHUB_TOKEN: "our-own-token",
  npm_config_registry: undefined,
};
const { cloud, deploy, folderOf, expectNothingLeft, dataDir } = createLocalCloud({ environment: ownEnvironment });

const printsEnvironment = {
  "server.js": `require("node:http").createServer((_, response) => {
    response.end(JSON.stringify(process.env));
  }).listen(process.env.PORT)`,
};

test("an app's process sees its own variables and nothing of Slipway's environment", async () => {
  process.env.SLIPWAY_CANARY = "ours";
  const env = {
    GREETING: "Hi; $(id) `id` \"'\n",
    HOST: "0.0.0.0",
    PATH: "/nowhere",
    NODE_OPTIONS: "--max-http-header-size=9000",
  };
  const run = deploy(anApp({ read: [] }), printsEnvironment, { env });
  const url = await succeed(cloud, run);
  const actual = (await (await fetch(url)).json()) as Record<string, string>;
  const setByShell = ["PWD", "OLDPWD", "SHLVL", "_"];
  const expected = [
    "GREETING",
    "HOME",
    "HOST",
    "LANG",
    "NODE_ENV",
    "NODE_OPTIONS",
    "PATH",
    "PORT",
    "SLIPWAY_PROCESS",
    "TMPDIR",
  ];
  expect(
    Object.keys(actual)
      .filter((name) => !setByShell.includes(name))
      .sort(),
  ).toEqual(expected);
  expect(actual).toMatchObject({ GREETING: env.GREETING, HOST: "127.0.0.1", PORT: new URL(url).port });
  expect(actual.HOME).toBe(join(folderOf(run), "home"));
  expect(actual.TMPDIR).toBe(join(folderOf(run), "tmp"));
  expect(actual.PATH).not.toContain("/nowhere");
  expect(actual.PATH).not.toContain("slipway/node_modules");
  expect(actual.NODE_OPTIONS).toContain("--max-http-header-size=9000");
  delete process.env.SLIPWAY_CANARY;
});

test("a build gets the registry settings of this machine's user and nothing else", async () => {
  const { cloud, deploy } = createLocalCloud({
    environment: { ...ownEnvironment, npm_config_registry: "http://registry.example/" },
  });
  const command = "env | sort";
  const run = deploy(anApp({ read: [], build: { kind: "command", command, publish: null } }), printsEnvironment);
  await succeed(cloud, run);
  const output = run.events.flatMap((event) => (event.type === "log" ? event.lines : []));
  expect(output).toContain("npm_config_registry=http://registry.example/");
  expect(output.some((line) => line.startsWith("npm_config_cache="))).toBe(true);
  expect(output.join("\n")).not.toMatch(/our-own|GITHUB_TOKEN/);
});

test("no secret appears in the arguments of a process, which every user can read", async () => {
  const env = { API_KEY: "correct-horse-battery" };
  const run = deploy(anApp({ read: [] }), printsEnvironment, { env });
  await succeed(cloud, run);
  const args = (await processesOf(run)).map(({ args }) => args.join(" ")).join("\n");
  expect(args).toContain("node server.js");
  expect(args).not.toContain("correct-horse");
});

test("hostile names write no file outside the deployment's folder", async () => {
  const names = [
    "../../escape",
    "web; touch pwned",
    "-rf",
    "$(touch pwned)",
    "a\nb",
    "ünïcode 🚀",
    "source",
    "build",
    "",
  ];
  const before = readdirSync(dataDir);
  const run = deploy(
    anApp({
      read: [],
      services: [
        aService({ name: "../../web" }),
        ...names.map((name) => aService({ name, command: "exec sleep 1000", public: false, port: null })),
      ],
      jobs: names.map((name) => aJob({ name, command: 'echo "it\'s $0" \'$(touch pwned)\' && touch "$HOME/ran"' })),
    }),
    printsEnvironment,
  );
  await succeed(cloud, run);
  const steps = [...run.ledger.keys()];
  expect(new Set(steps).size).toBe(4 + 2 * names.length);
  for (const step of steps) expect(step).toMatch(/^[a-z0-9-]+$/);
  expect(readdirSync(dataDir)).toEqual(before.length === 0 ? ["local"] : before);
  expect(readdirSync(join(folderOf(run), "app"))).toEqual(["server.js"]);
  await remove(cloud, run);
  await expectNothingLeft(run);
});

test("values that no process can receive are refused with a message", async () => {
  const failureMessage = async (app: Partial<Parameters<typeof anApp>[0]>, env = {}) =>
    (await fail(cloud, deploy(anApp({ read: [], ...app }), printsEnvironment, { env }))).message;
  expect(await failureMessage({ services: [aService({ command: "node server.js\0" })] })).toContain("NUL");
  expect(await failureMessage({}, { KEY: "a\0b" })).toContain('"KEY"');
  expect(await failureMessage({}, { "A=B": "c" })).toContain('"A=B"');
  const site = (publish: string) => ({
    build: { kind: "command" as const, command: null, publish },
    services: [aService({ command: null })],
  });
  expect(await failureMessage(site("../.."))).toContain("outside the app");
  expect(await failureMessage(site("dist"))).toContain("not there after the build");
  const unstartable = deploy(anApp({ services: [aService({ command: null })] }), { "notes.txt": "" });
  expect((await fail(cloud, unstartable)).message).toContain("Nothing says how to start web");
});

test("a link out of the published folder is not followed", async () => {
  const run = deploy(
    anApp({
      read: [],
      build: {
        kind: "command",
        command: "mkdir out && ln -s /etc out/etc && echo hi > out/index.html",
        publish: "out",
      },
      services: [aService({ command: null })],
    }),
    { "index.html": "" },
  );
  const url = await succeed(cloud, run);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(`${url}/etc/passwd`)).status).toBe(404);
});

test("an invalid deployment id throws before anything is created", async () => {
  const run = deploy(anApp(), printsEnvironment, { id: "../escape" });
  await expect(cloud.provision(run)[Symbol.asyncIterator]().next()).rejects.toThrow("Invalid deployment id");
  run.id = "plain";
});

needs("postgres")("PostgreSQL requires its password, on loopback, and listens nowhere else", async () => {
  const run = deploy(anApp({ read: [], resources: [aResource()] }), printsEnvironment);
  const url = await succeed(cloud, run);
  const { DATABASE_URL = "" } = (await (await fetch(url)).json()) as Record<string, string>;
  const { hostname, port, username, password, pathname } = new URL(DATABASE_URL);
  expect({ hostname, username, pathname }).toEqual({ hostname: "127.0.0.1", username: "app", pathname: "/app" });
  expect(JSON.stringify(run.events)).not.toContain(password);

  const { PATH = "" } = process.env;
  const psql = findProgram("psql", PATH, [findPostgres(PATH) ?? ""]) ?? "psql";
  const query = (host: string, PGPASSWORD: string) =>
    promisify(execFile)(psql, ["-Atw", "-h", host, "-p", port, "-U", "app", "-c", "SHOW server_encoding", "app"], {
      env: { PATH, PGPASSWORD },
    });
  expect((await query(hostname, password)).stdout).toBe("UTF8\n");
  await expect(query(hostname, "a guess")).rejects.toThrow("password authentication failed");
  await expect(query(hostname, "")).rejects.toThrow("no password supplied");
  await expect(query("/tmp", password)).rejects.toThrow("No such file or directory");
  const listeners = await Promise.all((await processesOf(run, "database")).map(({ pid }) => nonLoopbackListeners(pid)));
  expect(listeners.flat()).toEqual([]);
});
