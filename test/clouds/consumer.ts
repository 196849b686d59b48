import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "../../src/app.ts";
import type { Cloud, DeploymentEvent, LedgerStep, Run } from "../../src/clouds/cloud.ts";

/** The files of an app: a folder to copy, or paths with their contents. */
export type Files = string | Record<string, string>;

export interface Deployment extends Run {
  ledger: Map<string, LedgerStep>;
  /** Every recorded event, in order. */
  events: DeploymentEvent[];
  /** How often the source was fetched. */
  fetches: number;
}

/** Creates a deployment in memory, as the server keeps one. */
export function aDeployment(
  cloud: Cloud,
  app: App,
  files: Files,
  overrides: Partial<Omit<Run, "ledger">> = {},
): Deployment {
  const plan = JSON.parse(
    JSON.stringify(cloud.compile(app, { region: cloud.regions[0]?.id ?? "", preset: "economy" })),
  );
  const id = overrides.id ?? `d${Math.random().toString(36).slice(2, 12)}`;
  const deployment: Deployment = {
    id,
    app,
    plan,
    access: {},
    env: {},
    ledger: new Map(
      (plan.steps as { name: string }[]).map(({ name }) => [name, { name, state: "waiting" as const, data: {} }]),
    ),
    events: [],
    fetches: 0,
    async fetchSource(into) {
      deployment.fetches++;
      write(into, files);
    },
    deriveSecret: (name) => createHash("sha256").update(`${id} ${name}`).digest("hex").slice(0, 40),
    signal: new AbortController().signal,
    drainSignal: new AbortController().signal,
    ...overrides,
  };
  return deployment;
}

export function write(into: string, files: Files) {
  if (typeof files === "string") {
    cpSync(files, into, { recursive: true, filter: (file) => !file.includes("node_modules") });
    return;
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), text);
  }
}

/** Records an event as the server does: before the generator is resumed. */
export function record(deployment: Deployment, event: DeploymentEvent) {
  deployment.events.push(JSON.parse(JSON.stringify(event)));
  if (event.type === "step") {
    const { name, state } = event;
    const data = { ...deployment.ledger.get(name)?.data, ...event.data };
    deployment.ledger.set(name, { name, state, data });
  } else if (event.type === "log") {
    const step = deployment.ledger.get(event.step);
    if (step) step.data = { ...step.data, ...event.data };
  }
}

/** Consumes all events, or the first `maxEvents`. Returns the last state event; null if there was none. */
export async function consume(deployment: Deployment, events: AsyncIterable<DeploymentEvent>, maxEvents = Infinity) {
  let state: Extract<DeploymentEvent, { type: "state" }> | null = null;
  let count = 0;
  for await (const event of events) {
    record(deployment, event);
    if (event.type === "state") state = event;
    if (++count >= maxEvents) break;
  }
  return state;
}

export const logLines = ({ events }: Deployment) =>
  events.flatMap((event) => (event.type === "log" ? event.lines : []));

/** Prepares the ledger for a retry. */
export function rearm({ ledger }: Deployment) {
  for (const step of ledger.values()) if (step.state === "failed") step.state = "waiting";
}
