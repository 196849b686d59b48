// Run by kill.test.ts as a process that can be killed: resumes one deployment from its ledger file.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeploymentEvent } from "../../../src/clouds/cloud.ts";
import { local } from "../../../src/clouds/local/index.ts";
import { aDeployment, record, write } from "../consumer.ts";
import { tracingApp, tracingFiles } from "./tracing-app.ts";

const [verb = "", dataDir = "", id = "", ledger = "", types = ""] = process.argv.slice(2);
const cloud = local({ dataDir, path: process.env.PATH ?? "", environment: process.env });
const resources = types.split(",").filter((type) => type === "postgres" || type === "redis");
const run = aDeployment(cloud, tracingApp(0.2, resources), tracingFiles, {
  id,
  deriveSecret: (name) => createHash("sha256").update(`${id} ${name}`).digest("hex").slice(0, 40),
  async fetchSource(into) {
    await sleep(100);
    write(into, tracingFiles);
    await sleep(100);
  },
});

// The last line may be incomplete if the process was killed while writing; that event was never stored.
const stored = existsSync(ledger) ? readFileSync(ledger, "utf8").split("\n").slice(0, -1) : [];
for (const line of stored) if (line.endsWith("}")) record(run, JSON.parse(line) as DeploymentEvent);

console.log("ready");
const events = verb === "remove" ? cloud.remove(run) : cloud.provision(run);
for await (const event of events) {
  appendFileSync(ledger, `${JSON.stringify(event)}\n`);
  record(run, event);
}
