import type { Cloud, DeploymentEvent, LedgerStep } from "../clouds/cloud.ts";
import type { Db } from "../data/db.ts";
import { type DeploymentRow, setState } from "../data/store/deployments.ts";
import { attemptsOf, type EventRow, insertEvent } from "../data/store/events.ts";
import { countFailure, countRemoval, countSuccess, type Outcome, versionOf } from "../data/store/outcomes.ts";
import { writeStep, writeStepData } from "../data/store/steps.ts";
import { enqueueEnded } from "../webhooks/events.ts";
import { classifyFailure } from "./failure-reasons.ts";
import { maskAndCut, maxMessageLength, type StoredLog, takeLines } from "./log-budget.ts";
import type { ActiveRun } from "./run.ts";

type Ended = Extract<DeploymentEvent, { type: "state" }>;
export type RunKind = "provision" | "remove";

/** Returns the dimensions under which a deployment is counted. */
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
 * Stores an event atomically: ledger, stream rows, state and stats. Once it returns, the event survives a crash. Texts
 * are cut to `logLimits`; `log` counts what the deployment has stored.
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
    log,
    mask: maskText,
    anonymize: anonymizeText,
  }: { cloud: Cloud | undefined; verb: RunKind; at: Date; log: StoredLog } & Pick<ActiveRun, "mask" | "anonymize">,
): EventRow[] {
  const { id, app } = deployment;
  const row = (type: EventRow["type"], data: object) =>
    insertEvent(db, { deployment: id, at, type, data: JSON.stringify(data) });
  const messageOf = (text: string) => maskAndCut(text, maskText, maxMessageLength);
  return db.transaction(() => {
    switch (event.type) {
      case "step": {
        const { name, state } = event;
        const message = messageOf(event.message ?? "");
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
        return [...takeLines(log, event.lines, maskText)].map((line) => row("log", { line }));
      }
      case "state": {
        const { state } = event;
        const error =
          event.state === "failed"
            ? { ...event.error, message: messageOf(event.error.message), next: messageOf(event.error.next) }
            : null;
        const url = event.state === "succeeded" && event.url ? startPage(event.url, app.success) : null;
        // A failure keeps its answers for the retry window.
        const failed =
          error && verb === "provision" ? classifyFailure(error, { cloud, app, conceal: anonymizeText }) : null;
        const sealed = state === "failed" ? {} : { sealed: null };
        setState(db, id, { state, url, error, finished: at, reason: failed?.reason ?? null, ...sealed });
        // A failed removal is not an outcome.
        if (verb === "provision" || state === "removed") {
          const outcome = countKey(deployment);
          if (failed) countFailure(db, outcome, at, failed);
          else if (state === "removed") countRemoval(db, outcome, at);
          else countSuccess(db, outcome, at, at.getTime() - (attemptsOf(db, id).began ?? at).getTime());
          enqueueEnded(db, deployment, anonymousOutcome(event, anonymizeText), at);
        }
        return [row("state", { state, ...(url ? { url } : {}), ...(error ? { error } : {}) })];
      }
    }
  });
}

/** Returns the app's start page; a `success` path on another origin is ignored. */
function startPage(url: string, success: string | null): string {
  const target = success === null ? null : URL.parse(success, url);
  return target?.origin === new URL(url).origin ? target.href : url;
}

/** Returns the outcome with an anonymous error. */
function anonymousOutcome(event: Ended, anonymizeText: (text: string) => string): Parameters<typeof enqueueEnded>[2] {
  if (event.state !== "failed") return { state: event.state };
  const { message, next, step } = event.error;
  return { state: "failed", error: { message: anonymizeText(message), next: anonymizeText(next), step } };
}
