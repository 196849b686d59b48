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

// A process of its own, to be killed: it begins the deployment, or goes on with it, and ends when it is at rest.

const { dataDir, endpoint, access, env, verb } = JSON.parse(process.argv[2] ?? "{}");
const world: Dependencies = {
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
const lent = {
  ...createScriptedCloud(
    (run) => provision(world, run),
    (run) => remove(world, { ...run, access }),
  ),
  id: "gcp",
  variables: askedVariables,
};
const db = openDb(join(dataDir, "slipway.db"));
const { story, order, bugs } = createTestDeployments({ cloud: lent, db });
const id = "deployment1";
const app = example("guestbook");
const plan = compile(app, { region: "us-central1", preset: "economy" });

const before = story.find(id);
if (!before) story.start({ ...order, app, plan, env, access });
else story.resume();
if (verb === "remove" && before?.state === "succeeded") story.remove(id);
console.log("begun");
await collectStream(story, id);
const wanted = verb === "provision" ? "succeeded" : "removed";
for (const bug of bugs) console.error(bug);
const row = story.find(id);
if (row?.state !== wanted) console.error(row?.state, row?.error);
process.exit(row?.state === wanted ? 0 : 1);
