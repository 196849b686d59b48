import { describe, expect, test } from "vitest";
import { aJob, anApp, aService, aVariable } from "../../harness/apps.ts";
import { logLines } from "../consumer.ts";
import { createLocalCloud, fail, processesOf, succeed } from "./local-cloud.ts";
import { tracingApp, tracingFiles } from "./tracing-app.ts";

const quick = { graceSeconds: 0.5 };
const building = (command: string) => ({
  ...tracingApp(0),
  build: { kind: "command" as const, command, publish: null },
});

describe("limits", () => {
  test("a build that takes too long is stopped, with all that it started", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, buildSeconds: 1 } });
    const run = deploy(building("trap '' TERM; sleep 300 & sleep 300; wait"), tracingFiles);
    const error = await fail(cloud, run);
    expect(error.step).toBe("build");
    expect(error.message).toContain("took longer than 1 seconds. It was stopped.");
    expect(await processesOf(run)).toEqual([]);
  });

  test("a build that prints endlessly is stopped", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, outputBytes: 300_000 } });
    const run = deploy(building("yes"), tracingFiles);
    const error = await fail(cloud, run);
    expect(error.message).toContain("wrote more than 0.3 MB of output.");
    expect(await processesOf(run)).toEqual([]);
  });

  test("a build that fills the disk is stopped, while it runs and at its end", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, diskBytes: 10e6 } });
    const fill = "head -c 30000000 /dev/zero > big";
    for (const command of [`${fill}; sleep 300`, fill]) {
      const run = deploy(building(command), tracingFiles);
      const error = await fail(cloud, run);
      expect(error.message).toContain("filled more than 10 MB of disk.");
      expect(await processesOf(run)).toEqual([]);
    }
  });

  test("a release job that takes too long is stopped", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, jobSeconds: 1 } });
    const run = deploy({ ...tracingApp(0), jobs: [aJob({ command: "sleep 300" })] }, tracingFiles);
    const error = await fail(cloud, run);
    expect(error).toMatchObject({ step: "release" });
    expect(error.message).toContain("The job release took longer than 1 seconds.");
  });

  test("a service that never responds fails with its last output and advice", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, healthSeconds: 1 } });
    const run = deploy(anApp({ read: [] }), { "server.js": "console.log('thinking'); setInterval(() => {}, 1000)" });
    const error = await fail(cloud, run);
    expect(error).toMatchObject({ step: "web" });
    const { port } = run.ledger.get("web")?.data ?? {};
    const message = `web does not listen on the port in the variable PORT (${port}) after 1 seconds.\nthinking`;
    expect(error.message).toBe(message);
    expect(error.next).toContain("PORT");
    expect(await processesOf(run)).toEqual([]);
  });

  test("a health path from the manifest must report success", async () => {
    const { cloud, deploy } = createLocalCloud({ limits: { ...quick, healthSeconds: 1 } });
    const files = {
      "server.js": `require("node:http").createServer((request, response) => {
        response.statusCode = { "/up?deep=1": 204, "/": 404, "/login": 401, "/down": 503 }[request.url];
        response.end();
      }).listen(process.env.PORT)`,
    };
    const withHealthPath = (path: string | null) =>
      deploy(anApp({ read: [], services: [aService({ health: path === null ? null : { path } })] }), files);
    await succeed(cloud, withHealthPath("/up?deep=1"));
    await succeed(cloud, withHealthPath("up?deep=1"));
    await succeed(cloud, withHealthPath(null));
    expect((await fail(cloud, withHealthPath("/login"))).message).toContain("answers with status 401 at /login");
    expect((await fail(cloud, withHealthPath("/down"))).message).toContain("answers with status 503 at /down");
  });
});

describe("the output of a command", () => {
  const { cloud, deploy } = createLocalCloud();

  test("is forwarded as text: no colors, no control characters, no invalid UTF-8, no endless lines", async () => {
    const script = `
      const { stdout } = process;
      stdout.write("\\x1b[31mred\\x1b[0m and \\x1b]0;title\\x07plain\\n");
      stdout.write(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x00, 0x08, 0x62, 0x0a]));
      stdout.write("10%\\r50%\\r100%\\r\\n");
      stdout.write("<script>alert(1)</script>\\n");
      stdout.write("x".repeat(200_000) + "\\nafter\\n");
      stdout.write("no newline at the end");
    `;
    const run = deploy(building("node print.js"), { ...tracingFiles, "print.js": script });
    await succeed(cloud, run);
    const output = logLines(run);
    expect(output.slice(0, 5)).toEqual([
      "$ node print.js",
      "red and plain",
      "a\ufffd\ufffd(b",
      "100%",
      "<script>alert(1)</script>",
    ]);
    expect(output.slice(6, 8)).toEqual(["after", "no newline at the end"]);
    expect(output[5]).toMatch(/^x{1999}…$/);
  });

  test("does not contain a secret of the app or of its resources", async () => {
    const run = deploy(
      {
        ...building("echo \"key $API_KEY.\"; printf '%2500s' | tr ' ' x; echo $API_KEY"),
        variables: [aVariable({ name: "API_KEY", secret: true })],
      },
      tracingFiles,
      { env: { API_KEY: "correct-horse-battery" } },
    );
    await succeed(cloud, run);
    expect(logLines(run)).toContain("key •••.");
    expect(JSON.stringify(run.events)).not.toContain("correct-horse");
  });
});
