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

/** How pages speak of a cloud that only tests know. */
export const testWords = (name: string): CloudWords => ({
  shortName: name,
  inSentence: name,
  docs: "",
  billed: true,
  keptAfterFailure: "Your answers are kept for another try.",
});

type Script = (run: Run) => AsyncIterable<DeploymentEvent>;

/** A cloud that says what the test wants it to say. */
export const scripted = (
  provision: Script,
  remove: Script = removed,
  kind: Cloud["connect"]["kind"] = "none",
): Cloud => ({
  id: "script",
  name: "Script",
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

interface Given {
  cloud: Cloud;
  db?: Db;
  feed?: EventBus;
  now?: () => Date;
}

/** The story on a database in memory; given the `db` of an earlier one, it is what a new process would be. */
export function tell({ cloud, db = openDb(":memory:"), feed = newFeed(), now = () => new Date() }: Given) {
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
    log: (_, error) => bugs.push(error),
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

/** Everything the deployment says until it is at rest, as the stream's text. */
export const heard = (story: ReturnType<typeof createDeployments>, id: string, after = 0) =>
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

/** A range that leaves nothing out. */
export const ever = { from: "2000-01-01", to: "2999-12-31" };
