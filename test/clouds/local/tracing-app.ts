import type { App } from "../../../src/app.ts";
import { aJob, anApp, aResource, aService } from "../../harness/apps.ts";

// An app whose every command appends to a file in its home, so that a test can count the runs.

const trace = (word: string) => `echo ${word} >> "$HOME/traces"`;

const server = `
const http = require("node:http");
const { appendFileSync } = require("node:fs");
const { PORT, HOME, NAME } = process.env;
appendFileSync(HOME + "/traces", "web\\n");
http.createServer((_, response) => response.end("up " + process.pid)).listen(PORT);
`;
const worker = `
require("node:fs").appendFileSync(process.env.HOME + "/traces", "worker\\n");
setInterval(() => {}, 1000);
`;

export const tracingFiles = { "server.js": server, "worker.js": worker };

/** Returns an app with a build, release and first-run jobs, a web service, a worker, a schedule and the given resources. */
export const tracingApp = (seconds: number, types: ("postgres" | "redis")[] = []): App =>
  anApp({
    read: [],
    build: { kind: "command", command: `${trace("build")}; sleep ${seconds}; echo built`, publish: null },
    services: [
      aService({ command: "node server.js" }),
      aService({ name: "worker", command: "node worker.js", port: null, public: false }),
    ],
    jobs: [
      aJob({ command: `${trace("release")}; sleep ${seconds}; echo released` }),
      aJob({ name: "first", when: "first", command: `${trace("first")}; sleep ${seconds}` }),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *", command: trace("nightly") }),
    ],
    resources: types.map((type) => aResource({ name: type, type, env: { [`${type.toUpperCase()}_URL`]: "${url}" } })),
  });

/** Counts the runs of each command. */
export function countTraces(traces: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of traces.split("\n").filter(Boolean)) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
