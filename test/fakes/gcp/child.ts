import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { askedVariables } from "../../../src/clouds/gcp/compile/variables.ts";
import type { Dependencies } from "../../../src/clouds/gcp/dependencies.ts";
import { provision } from "../../../src/clouds/gcp/provision/provision.ts";
import { remove } from "../../../src/clouds/gcp/provision/remove.ts";
import { openDb } from "../../../src/data/db.ts";
import { example } from "../../clouds/aws/templates.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../../harness/scripted-cloud.ts";

// A process for tests to kill: it starts or resumes the deployment and exits once that has settled.

const { dataDir, endpoint, access, env, verb } = JSON.parse(process.argv[2] ?? "{}");
const dependencies: Dependencies = {
  origin: "https://slipway.example",
  endpoint,
  issuer: "https://accounts.google.com",
  client: null,
  fetch,
  // The app itself does not run; its URL responds.
  probe: async () => ({ ok: true, status: 200 }),
  now: () => new Date(),
  sleep: (milliseconds, signal) => sleep(Math.min(milliseconds, 25), undefined, { signal }),
};
const cloud = {
  ...createScriptedCloud(
    (run) => provision(dependencies, run),
    (run) => remove(dependencies, { ...run, access }),
  ),
  id: "gcp",
  variables: askedVariables,
};
const db = openDb(join(dataDir, "slipway.db"));
const { story, order, bugs } = createTestDeployments({ cloud: cloud, db });
const id = "deployment1";
const app = example("guestbook");
const plan = compile(app, { region: "us-central1", preset: "economy" });

const existing = story.find(id);
if (!existing) story.start({ ...order, app, plan, env, access });
else story.resume();
if (verb === "remove" && existing?.state === "succeeded") story.remove(id);
console.log("started");
await collectStream(story, id);
const expectedState = verb === "provision" ? "succeeded" : "removed";
for (const bug of bugs) console.error(bug);
const row = story.find(id);
if (row?.state !== expectedState) console.error(row?.state, row?.error);
process.exit(row?.state === expectedState ? 0 : 1);
