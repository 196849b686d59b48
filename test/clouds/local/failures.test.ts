import { describe, expect, test } from "vitest";
import { findCause } from "../../../src/clouds/local/provision/failures/causes.ts";
import { firstError } from "../../../src/clouds/local/provision/failures/first-error.ts";
import { anApp, aService } from "../../harness/apps.ts";
import { createLocalCloud, fail } from "./local-cloud.ts";

describe("the first error of an output", () => {
  test.each([
    [
      "Node.js",
      [
        "node:internal/modules/cjs/loader:1228",
        "  throw err;",
        "  ^",
        "",
        "Error: Cannot find module 'express'",
        "Require stack:",
      ],
      "Error: Cannot find module 'express'",
    ],
    [
      "npm",
      [
        "npm warn deprecated inflight@1.0.6: not supported",
        "npm error code E404",
        "npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found",
        "npm error A complete log of this run can be found in: /x",
      ],
      "npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found",
    ],
    [
      "Python",
      [
        "Traceback (most recent call last):",
        '  File "app.py", line 1, in <module>',
        "    import flask",
        "ModuleNotFoundError: No module named 'flask'",
      ],
      "ModuleNotFoundError: No module named 'flask'",
    ],
    [
      "TypeScript",
      ["> tsc", "src/a.ts(3,1): error TS2304: Cannot find name 'x'."],
      "src/a.ts(3,1): error TS2304: Cannot find name 'x'.",
    ],
    [
      "a bundler",
      ["found 0 errors in the config", '✘ [ERROR] Could not resolve "./missing"'],
      '✘ [ERROR] Could not resolve "./missing"',
    ],
    [
      "a shell",
      ["starting", "cat: settings.txt: No such file or directory", "done"],
      "cat: settings.txt: No such file or directory",
    ],
  ])("of %s is found", (_, lines, expected) => expect(firstError(lines)[0]).toBe(expected));

  test("is empty for an output without errors", () => {
    expect(firstError(["Compiled successfully", "0 errors, 3 warnings", "npm warn deprecated: invalid"])).toEqual([]);
  });
});

describe("the cause of a failure", () => {
  const reasonOf = (line: string, code = 1) => findCause([line], firstError([line]), code)?.reason;

  test.each([
    ["Error: ENOSPC: no space left on device, write", "the disk is full"],
    ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "it ran out of memory"],
    [
      "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000",
      "it tried to listen on port 3000, which another program uses",
    ],
    [
      "Error: listen EADDRINUSE: address already in use :::8080",
      "it tried to listen on port 8080, which another program uses",
    ],
    ["listen tcp :9000: bind: address already in use", "it tried to listen on port 9000, which another program uses"],
    ["sh: 1: vite: not found", "the program vite is not there"],
    ["bash: line 1: make: command not found", "the program make is not there"],
    ["Error: spawn git ENOENT", "the program git is not there"],
    [
      "npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found",
      "the package registry has no such package or version",
    ],
    [
      "npm error notarget No matching version found for express@99.0.0.",
      "the package registry has no such package or version",
    ],
    ["ERROR: No matching distribution found for nope", "the package registry has no such package or version"],
    [
      " ERR_PNPM_FETCH_404  GET https://registry.npmjs.org/nope: Not Found - 404",
      "the package registry has no such package or version",
    ],
    [
      " ERR_PNPM_FETCH_503  GET https://registry.npmjs.org/x: Service Unavailable",
      "the package registry refused the request",
    ],
    [
      "npm error network request to https://registry.npmjs.org/x failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org",
      "a host on the network could not be reached",
    ],
    [
      "fatal: unable to access 'https://x.example/': Could not resolve host: x.example",
      "a host on the network could not be reached",
    ],
    ["Error: connect ECONNREFUSED 127.0.0.1:5432", "it could not connect to 127.0.0.1:5432"],
  ])("%s", (line, reason) => expect(reasonOf(line)).toBe(reason));

  test("is a killed process for code 137, and unknown for an error of the app itself", () => {
    expect(reasonOf("Building...", 137)).toContain("out of memory");
    expect(reasonOf("Error: SESSION_SECRET is required")).toBeUndefined();
  });

  test("is not a connection that the app reported and survived", () => {
    const output = [
      "Error: SESSION_SECRET is required",
      "  at server.js:1",
      "  at run",
      "redis: connect ECONNREFUSED 127.0.0.1:6379",
    ];
    expect(findCause(output, firstError(output), 1)).toBeNull();
  });

  test("is that of the network for pip, which reports it as a warning", () => {
    const output = [
      "WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/flask/",
      "ERROR: Could not find a version that satisfies the requirement flask (from versions: none)",
      "ERROR: No matching distribution found for flask",
    ];
    expect(findCause(output, firstError(output), 1)?.reason).toBe("a host on the network could not be reached");
  });
});

test("a deployment's error is the cause and the line that shows it", async () => {
  const { cloud, deploy } = createLocalCloud({ limits: { graceSeconds: 0.5 } });
  const build = (command: string) => anApp({ read: [], build: { kind: "command", command, publish: null } });
  const missing = await fail(
    cloud,
    deploy(build("seq 1 50; frobnicate --all; seq 51 100; exit 127"), { "server.js": "" }),
  );
  expect(missing.message).toMatch(
    /^`seq 1 50; frobnicate --all; seq 51 100; exit 127` ended with code 127: the program frobnicate is not there\.\n.*frobnicate: (?:command )?not found$/,
  );
  expect(missing.next).toContain("Install it on this machine");

  const noisy =
    'console.log("Error: no database\\n  at start"); for (let i = 0; i < 50; i++) console.log("bye", i); process.exit(3)';
  const app = anApp({ read: [], services: [aService({ command: "node server.js" })] });
  const crash = await fail(cloud, deploy(app, { "server.js": noisy }));
  expect(crash.message).toBe("web ended with code 3 right after its start.\nError: no database\n  at start\nbye 0");
});
