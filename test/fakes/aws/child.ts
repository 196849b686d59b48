import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dependencies } from "../../../src/clouds/aws/dependencies.ts";
import { provision } from "../../../src/clouds/aws/provision/provision.ts";
import { remove } from "../../../src/clouds/aws/provision/remove.ts";
import { openDb } from "../../../src/data/db.ts";
import { createIssuer } from "../../../src/identity/oidc-issuer.ts";
import { anApp, aVariable } from "../../harness/apps.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../../harness/scripted-cloud.ts";
import { awsPlan } from "./stack.ts";

// A process for tests to kill: it starts or resumes the deployment and exits once that has settled.

const { dataDir, endpoint, access, ahead: clockOffsetMs, typedSecret, verb } = JSON.parse(process.argv[2] ?? "{}");
const now = () => new Date(Date.now() + clockOffsetMs);
const keys = createIssuer({ origin: "https://slipway.example", dataDir, now, newId: () => crypto.randomUUID() });
const dependencies: Dependencies = {
  origin: "https://slipway.example",
  endpoint,
  keys: null,
  signIdToken: keys.signToken,
  deriveSecret: (text) => text,
  probe: async () => ({ ok: true, status: 200 }),
  now,
  sleep: (milliseconds, signal) => sleep(Math.min(milliseconds, 30), undefined, { signal }),
};
const cloud = {
  ...createScriptedCloud(
    (run) => provision(dependencies, run),
    (run) => remove(dependencies, { ...run, access }),
  ),
  id: "aws",
};
const db = openDb(join(dataDir, "slipway.db"));
const { story, order, bugs } = createTestDeployments({ cloud, db, now });
const id = "deployment1";
const app = anApp({ variables: [aVariable({ name: "SECRET_KEY", secret: true })] });

const existing = story.find(id);
if (!existing) story.start({ ...order, app, plan: awsPlan(), env: { SECRET_KEY: typedSecret }, access });
else story.resume();
if (verb === "remove" && existing?.state === "succeeded") story.remove(id);
console.log("started");
await collectStream(story, id);
const expectedState = verb === "provision" ? "succeeded" : "removed";
for (const bug of bugs) console.error(bug);
const row = story.find(id);
if (row?.state !== expectedState) console.error(row?.state, row?.error);
process.exit(row?.state === expectedState ? 0 : 1);
