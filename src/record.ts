import type { Event, LedgerStep } from "./clouds/cloud.ts";
import type { Db } from "./db.ts";
import { reasonOf } from "./reasons.ts";
import { type Row, setState } from "./store/deployments.ts";
import { begunAt, type EventRow, insertEvent } from "./store/events.ts";
import { countFailure, countRemoval, countSuccess, type Outcome, versionOf } from "./store/outcomes.ts";
import { writeStep, writeStepData } from "./store/steps.ts";

export type Verb = "provision" | "remove";

interface Saying {
  verb: Verb;
  at: Date;
  hide: (text: string) => string;
  hideAnswers: (text: string) => string;
}

/** What of a deployment is counted. */
export const outcomeOf = ({ repo, cloud, region, app }: Pick<Row, "repo" | "cloud" | "region" | "app">): Outcome => ({
  repo,
  cloud,
  region,
  version: versionOf(app.source),
});

/**
 * Writes down what a cloud said, all of it or nothing: the ledger, the rows of the stream, the state, the count.
 * When it returns, the event has survived whatever happens to this process.
 */
export function record(
  db: Db,
  deployment: Pick<Row, "id" | "repo" | "cloud" | "region" | "app">,
  ledger: Map<string, LedgerStep>,
  event: Event,
  { verb, at, hide, hideAnswers }: Saying,
): EventRow[] {
  const { id, cloud, app } = deployment;
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
        const failed = error && verb === "provision" ? reasonOf(error, { cloud, app, hide: hideAnswers }) : null;
        const sealed = state === "failed" ? {} : { sealed: null };
        setState(db, id, { state, url, error, finished: at, reason: failed?.reason ?? null, ...sealed });
        const outcome = outcomeOf(deployment);
        if (failed) countFailure(db, outcome, at, failed);
        if (state === "removed") countRemoval(db, outcome, at);
        if (state === "succeeded") countSuccess(db, outcome, at, at.getTime() - (begunAt(db, id) ?? at).getTime());
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
