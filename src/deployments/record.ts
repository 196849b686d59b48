import type { Cloud, DeploymentEvent, LedgerStep } from "../clouds/cloud.ts";
import type { Db } from "../data/db.ts";
import { type DeploymentRow, setState } from "../data/store/deployments.ts";
import { attemptsOf, type EventRow, insertEvent } from "../data/store/events.ts";
import { countFailure, countRemoval, countSuccess, type Outcome, versionOf } from "../data/store/outcomes.ts";
import { writeStep, writeStepData } from "../data/store/steps.ts";
import { enqueueEnded } from "../webhooks/events.ts";
import { classifyFailure } from "./failure-reasons.ts";
import type { ActiveRun } from "./run.ts";

type Ended = Extract<DeploymentEvent, { type: "state" }>;
export type RunKind = "provision" | "remove";

/** What of a deployment is counted. */
export const countKey = ({
  repo,
  cloud,
  region,
  app,
}: Pick<DeploymentRow, "repo" | "cloud" | "region" | "app">): Outcome => ({
  repo,
  cloud,
  region,
  version: versionOf(app.source),
});

/**
 * Writes down what a cloud said, all of it or nothing: the ledger, the rows of the stream, the state, the count.
 * When it returns, the event has survived whatever happens to this process.
 */
export function recordEvent(
  db: Db,
  deployment: DeploymentRow,
  ledger: Map<string, LedgerStep>,
  event: DeploymentEvent,
  {
    cloud,
    verb,
    at,
    mask: hide,
    anonymize: conceal,
  }: { cloud: Cloud | undefined; verb: RunKind; at: Date } & Pick<ActiveRun, "mask" | "anonymize">,
): EventRow[] {
  const { id, app } = deployment;
  const row = (type: EventRow["type"], data: object) =>
    insertEvent(db, { deployment: id, at, type, data: JSON.stringify(data) });
  return db.transaction(() => {
    switch (event.type) {
      case "step": {
        const { name, state } = event;
        const message = hide(event.message ?? "");
        const data = { ...ledger.get(name)?.data, ...event.data };
        writeStep(db, id, { name, state, message, data, since: at });
        ledger.set(name, { name, state, data });
        return [row("step", { name, state, message })];
      }
      case "log": {
        const step = ledger.get(event.step);
        if (step && event.data) {
          step.data = { ...step.data, ...event.data };
          writeStepData(db, id, step.name, step.data);
        }
        return event.lines.map((line) => row("log", { line: hide(line) }));
      }
      case "state": {
        const { state } = event;
        const error =
          event.state === "failed"
            ? { ...event.error, message: hide(event.error.message), next: hide(event.error.next) }
            : null;
        const url = event.state === "succeeded" && event.url ? landing(event.url, app.success) : null;
        // The answers of a failure are kept for a while, so that a retry need not ask again.
        const failed = error && verb === "provision" ? classifyFailure(error, { cloud, app, conceal }) : null;
        const sealed = state === "failed" ? {} : { sealed: null };
        setState(db, id, { state, url, error, finished: at, reason: failed?.reason ?? null, ...sealed });
        // A removal that failed is no outcome.
        if (verb === "provision" || state === "removed") {
          const of = countKey(deployment);
          if (failed) countFailure(db, of, at, failed);
          else if (state === "removed") countRemoval(db, of, at);
          else countSuccess(db, of, at, at.getTime() - (attemptsOf(db, id).began ?? at).getTime());
          enqueueEnded(db, deployment, ending(event, conceal), at);
        }
        return [row("state", { state, ...(url ? { url } : {}), ...(error ? { error } : {}) })];
      }
    }
  });
}

/** Where the app says a visitor should begin, as long as that is in the app. */
function landing(url: string, success: string | null): string {
  const to = success === null ? null : URL.parse(success, url);
  return to?.origin === new URL(url).origin ? to.href : url;
}

/** How it ended, in words that name nobody. */
function ending(event: Ended, conceal: (text: string) => string): Parameters<typeof enqueueEnded>[2] {
  if (event.state !== "failed") return { state: event.state };
  const { message, next, step } = event.error;
  return { state: "failed", error: { message: conceal(message), next: conceal(next), step } };
}
