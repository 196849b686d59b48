import { expect, test } from "vitest";
import { freePort } from "../../../src/clouds/local/provision/processes/ports.ts";
import { anApp, aService } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { logLines } from "../consumer.ts";
import { createLocalCloud, fail, processesOf, succeed } from "./local-cloud.ts";

const { cloud, deploy } = createLocalCloud({ limits: { graceSeconds: 0.5, healthSeconds: 2 } });

const app = (...services: Parameters<typeof aService>[0][]) =>
  anApp({ read: [], services: services.map((service) => aService(service)) });

const serverOn = (port: string) =>
  `require("node:http").createServer((_, response) => response.end("here")).listen(${port}, () => console.log("open"));`;

needs("proc")("a service that listens on another port is told which", async () => {
  const port = await freePort();
  const run = deploy(app({}), { "server.js": serverOn(`${port}`) });
  const error = await fail(cloud, run);
  const reserved = run.ledger.get("web")?.data.port;
  expect(error).toMatchObject({
    step: "web",
    message: `web listens on port ${port}, not on the port in the variable PORT (${reserved}).`,
    next: expect.stringContaining("from the variable PORT"),
  });
  expect(await processesOf(run)).toEqual([]);
});

test("a service is done only once it listens", async () => {
  const run = deploy(app({}), {
    "server.js": `console.log("starting"); setTimeout(() => { ${serverOn("process.env.PORT")} }, 700);`,
  });
  await succeed(cloud, run);
  const events = run.events.map((event) => {
    if (event.type === "log") return event.lines;
    return event.type === "step" && event.name === "web" && event.state === "done" ? [`${event.message}`] : [];
  });
  const port = run.ledger.get("web")?.data.port;
  expect(events.flat()).toEqual(["starting", "open", `Listens on 127.0.0.1:${port}`]);
});

test("a private service that never listens fails the deployment", async () => {
  const services = [{}, { name: "api", command: "exec sleep 600", public: false, port: 3000 }];
  const run = deploy(app(...services), { "server.js": serverOn("process.env.PORT") });
  const error = await fail(cloud, run);
  expect(error).toMatchObject({ step: "api" });
  expect(error.message).toMatch(/^api does not listen on the port in the variable PORT \(\d+\) after 2 seconds\./);
});

test("the log is forwarded once, while the service starts and after", async () => {
  const server = `
    let count = 0;
    const timer = setInterval(() => console.log("line " + ++count), 20);
    const server = require("node:http").createServer((_, response) => {
      response.statusCode = count < 60 ? 503 : 200;
      response.end(() => count >= 60 && clearInterval(timer));
    });
    setTimeout(() => server.listen(process.env.PORT), 300);`;
  const run = deploy(app({ health: { path: "/" } }), { "server.js": server });
  await succeed(cloud, run);
  const lines = logLines(run).filter((line) => line.startsWith("line "));
  expect(lines.length).toBeGreaterThanOrEqual(60);
  expect(lines).toEqual(lines.map((_, index) => `line ${index + 1}`));
  const steps = new Set(run.events.flatMap((event) => (event.type === "log" ? [event.step] : [])));
  expect(steps).toEqual(new Set(["web", "health"]));
});
