import type { Mark } from "../../badges/logos.ts";
import type { Cloud, CloudWords, DeploymentEvent, Run } from "../../src/clouds/cloud.ts";
import { type Db, openDb } from "../../src/data/db.ts";
import { type EventBus, createEventBus as newFeed } from "../../src/deployments/event-bus.ts";
import { createDeployments } from "../../src/deployments/lifecycle.ts";
import { createSeal } from "../../src/identity/seal.ts";
import type { Plan } from "../../src/plan.ts";
import { anApp } from "./apps.ts";

export const aPlan: Plan = {
  cloud: "script",
  region: "here",
  preset: "economy",
  currency: "USD",
  asOf: "2026-11-01",
  monthly: 0,
  lines: [],
  steps: [
    { name: "database", title: "PostgreSQL" },
    { name: "web", title: "Web" },
  ],
  stack: {},
};

export const testMark: Mark = { name: "Script", ink: "M0 0h16v16H0z" };

/** How pages speak of a cloud that only tests know. */
export const testWords = (name: string): CloudWords => ({
  inSentence: name,
  docs: "",
  billed: true,
  keptAfterFailure: "We kept your answers, so you can retry.",
});

type Script = (run: Run) => AsyncIterable<DeploymentEvent>;

/** Creates a cloud that yields the events of a test's script. */
export const createScriptedCloud = (
  provision: Script,
  remove: Script = removed,
  kind: Cloud["connect"]["kind"] = "none",
): Cloud => ({
  id: "script",
  name: "Script",
  mark: testMark,
  words: testWords("Script"),
  regions: [{ id: "here", name: "Here" }],
  support: () => [],
  variables: (app) => app.variables,
  compile: (_, choice) => ({ ...aPlan, ...choice }),
  connect: { kind, summary: "Nothing is lent.", parse: () => ({ ok: true, value: {} }) },
  preflight: async () => [],
  provision,
  remove,
});

export async function* removed(run: Run): AsyncIterable<DeploymentEvent> {
  for (const name of [...run.ledger.keys()].reverse()) yield { type: "step", name, state: "removed" };
  yield { type: "state", state: "removed" };
}

interface Options {
  cloud: Cloud;
  db?: Db;
  feed?: EventBus;
  now?: () => Date;
  log?: (message: string, error: unknown) => void;
}

/** Creates deployments on an in-memory database; with the `db` of earlier ones, it acts as a restarted process. */
export function createTestDeployments({
  cloud,
  db = openDb(":memory:"),
  feed = newFeed(),
  now = () => new Date(),
  log = () => {},
}: Options) {
  const bugs: unknown[] = [];
  let ids = 0;
  const story = createDeployments({
    db,
    clouds: [cloud],
    repositories: { download: async () => {} },
    seal: createSeal("a secret of more than thirty-two letters"),
    feed,
    now,
    newId: () => `deployment${++ids}`,
    log(message, error) {
      bugs.push(error);
      log(message, error);
    },
  });
  const order = {
    request: "once",
    app: anApp({ name: "Hello", source: { ...anApp().source, repo: "hello" } }),
    plan: aPlan,
    env: {},
    access: {},
  };
  return { story, db, feed, bugs, order };
}

/** Collects the event stream of a deployment until it ends, as text. */
export const collectStream = (story: ReturnType<typeof createDeployments>, id: string, after = 0) =>
  new Promise<string>((resolve) => {
    let text = "";
    const decoder = new TextDecoder();
    story.follow(id, after, {
      message: ({ bytes }) => {
        text += decoder.decode(bytes);
      },
      end: () => resolve(text),
    });
  });

/** A range of days that includes everything. */
export const allTime = { from: "2000-01-01", to: "2999-12-31" };
