import { describe, expect, test } from "vitest";
import { argsOrLine, needsShell, splitArgs } from "../../src/manifest/shell.ts";
import { appOf } from "./read-files.ts";

type Expected = { entrypoint: string[] | null; command: string | string[] | null };
const cases: [string, Record<string, string>, Expected][] = [
  [
    "Compose replaces the CMD with `command`",
    { "compose.yaml": "services: { web: { image: x/y, ports: [80], command: server --name 'a b' } }" },
    { entrypoint: null, command: ["server", "--name", "a b"] },
  ],
  [
    "Compose never gives `command` to a shell",
    { "compose.yaml": "services: { web: { image: x/y, ports: [80], command: [sh, -c, 'a && b'] } }" },
    { entrypoint: null, command: ["sh", "-c", "a && b"] },
  ],
  [
    "Compose replaces the ENTRYPOINT with `entrypoint`",
    { "compose.yaml": "services: { web: { image: x/y, ports: [80], entrypoint: /init -x, command: [up] } }" },
    { entrypoint: ["/init", "-x"], command: ["up"] },
  ],
  [
    "Score replaces the ENTRYPOINT with `command` and the CMD with `args`",
    {
      "score.yaml":
        "metadata: { name: x }\ncontainers: { web: { image: x/y, command: [/init], args: [up, 'a b'] } }\nservice: { ports: { web: { port: 80 } } }",
    },
    { entrypoint: ["/init"], command: ["up", "a b"] },
  ],
  [
    "Score with `args` alone keeps the ENTRYPOINT",
    { "score.yaml": "metadata: { name: x }\ncontainers: { web: { image: x/y, args: [up] } }" },
    { entrypoint: null, command: ["up"] },
  ],
  [
    "Fly splits a process into the words of the CMD",
    {
      "fly.toml":
        '[build]\nimage = "x/y"\n[processes]\nweb = "server --name \'a b\'"\n[http_service]\ninternal_port = 80',
    },
    { entrypoint: null, command: ["server", "--name", "a b"] },
  ],
  [
    "Fly reads experimental.entrypoint and experimental.cmd",
    { "fly.toml": '[build]\nimage = "x/y"\n[experimental]\nentrypoint = ["/init"]\ncmd = ["up", "a b"]' },
    { entrypoint: ["/init"], command: ["up", "a b"] },
  ],
  [
    "Fly gives a buildpack's process to the launcher's shell",
    { "fly.toml": '[build]\nbuilder = "heroku/builder:24"\n[processes]\nweb = "server $PORT"' },
    { entrypoint: null, command: "server $PORT" },
  ],
  [
    "Render replaces the CMD with `dockerCommand`",
    {
      "render.yaml": "services: [{ type: web, name: web, runtime: docker, dockerCommand: \"/bin/sh -c 'a && b'\" }]",
      Dockerfile: "FROM x",
    },
    { entrypoint: null, command: ["/bin/sh", "-c", "a && b"] },
  ],
  [
    "Render runs `startCommand` in a shell",
    { "render.yaml": "services: [{ type: web, name: web, runtime: node, startCommand: node a.js && true }]" },
    { entrypoint: null, command: "node a.js && true" },
  ],
  [
    "DigitalOcean runs `run_command` in a shell",
    {
      ".do/app.yaml": "name: x\nservices: [{ name: web, dockerfile_path: Dockerfile, run_command: node a.js $PORT }]",
      Dockerfile: "FROM x",
    },
    { entrypoint: null, command: "node a.js $PORT" },
  ],
  [
    "heroku.yml runs `run` in a shell",
    {
      "app.json": '{ "stack": "container" }',
      "heroku.yml": "build: { docker: { web: Dockerfile } }\nrun: { web: node a.js $PORT }",
      Dockerfile: "FROM x",
    },
    { entrypoint: null, command: "node a.js $PORT" },
  ],
  [
    "Convox replaces the CMD with `command` and the ENTRYPOINT with `entrypoint`",
    { "convox.yml": "services: { web: { image: x/y, port: 80, command: bin/web --name 'a b', entrypoint: /init } }" },
    { entrypoint: ["/init"], command: ["bin/web", "--name", "a b"] },
  ],
  [
    "Railway replaces the ENTRYPOINT of an image with `startCommand`",
    { "railway.json": '{ "deploy": { "startCommand": "server --x" } }', Dockerfile: "FROM x" },
    { entrypoint: ["server", "--x"], command: null },
  ],
  [
    "Railway runs `startCommand` of a language in a shell",
    { "railway.json": '{ "deploy": { "startCommand": "server $PORT" } }', "go.mod": "module x" },
    { entrypoint: null, command: "server $PORT" },
  ],
  ["a Procfile's line is for a shell", { Procfile: "web: a && b" }, { entrypoint: null, command: "a && b" }],
  [
    "the `cloud` object takes arguments",
    { "app.json": '{"image":"x/y","cloud":{"services":{"web":{"entrypoint":["/init"],"command":["a","b c"]}}}}' },
    { entrypoint: ["/init"], command: ["a", "b c"] },
  ],
  [
    "the `cloud` object takes a shell line",
    { "app.json": '{"image":"x/y","cloud":{"services":{"web":{"command":"a && b"}}}}' },
    { entrypoint: null, command: "a && b" },
  ],
];

describe("entrypoint and command are two things", () => {
  test.each(cases)("%s", (_, files, expected) => {
    const { entrypoint, command } = appOf(files).services[0] ?? {};
    expect({ entrypoint, command }).toEqual(expected);
  });

  test("a job that Compose waits for keeps its arguments", () => {
    const { jobs } = appOf({
      "compose.yaml": `services:
  web: { image: x/y, ports: [80], depends_on: { migrate: { condition: service_completed_successfully } } }
  migrate: { image: x/y, entrypoint: [/migrate], command: [up, now] }`,
    });
    expect(jobs).toEqual([
      { name: "migrate", entrypoint: ["/migrate"], command: ["up", "now"], when: "release", schedule: null },
    ]);
  });
});

test.each([
  [`a "b c" 'd "e"' f\\ g`, ["a", "b c", 'd "e"', "f g"]],
  [`"a\\"b" '' x""y`, ['a"b', "", "xy"]],
  ["  ", []],
  [`"open`, ["open"]],
  ["a\\", ["a"]],
])("%s splits into %j", (line, args) => expect(splitArgs(line)).toEqual(args));

test.each([
  ["a 'b && c'", false],
  ["a && b", true],
  ['a "$B"', true],
  ["a '$B'", false],
  ["a \\$B", false],
  ["a > b", true],
])("%s needs a shell: %s", (line, expected) => {
  expect(needsShell(line)).toBe(expected);
  expect(Array.isArray(argsOrLine(line))).toBe(!expected);
});
