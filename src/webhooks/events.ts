import { createHash } from "node:crypto";
import { repositoryKey } from "../address.ts";
import type { Db } from "../data/db.ts";
import { insertDelivery } from "../data/store/deliveries.ts";
import type { DeploymentRow } from "../data/store/deployments.ts";
import { attemptsOf } from "../data/store/events.ts";
import { webhooksFor } from "../data/store/webhooks.ts";

/** Event types, in the order in which pages list them. */
export const eventTypes = [
  "deployment.started",
  "deployment.succeeded",
  "deployment.failed",
  "deployment.removed",
  "manifest.broken",
  "manifest.fixed",
] as const;
export type Type = (typeof eventTypes)[number] | "ping";

const letters = "abcdefghijklmnopqrstuvwxyz234567";
const hash = (...parts: string[]) =>
  Array.from(
    createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 26),
    (byte) => letters[byte & 31],
  ).join("");

/** Returns a stable public id, from which the deployment's page cannot be found. */
export const publicId = (id: string) => `dep_${hash("deployment", id)}`;

/** Encodes an event's body: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const eventBody = (type: Type, at: Date, data: object) =>
  JSON.stringify({ type, timestamp: at.toISOString(), data });

/**
 * Enqueues an event for every subscribed webhook. Call it in the transaction that stores the change, so that neither
 * exists without the other. `key` identifies the event within its type: the same key is delivered once.
 */
export function enqueueEvent(db: Db, repo: string, event: { type: Type; at: Date; data: object; key: string }) {
  const { type, at, key } = event;
  for (const { id: webhook } of webhooksFor(db, repositoryKey(repo), type))
    insertDelivery(db, {
      id: `msg_${hash(webhook, type, key)}`,
      webhook,
      type,
      body: eventBody(type, at, event.data),
      created: at,
      state: "waiting",
      next: at,
    });
}

type DeploymentSummary = Pick<DeploymentRow, "id" | "repo" | "commit" | "cloud" | "region" | "preset" | "app">;
type Ending =
  | { state: "succeeded" | "removed" }
  | { state: "failed"; error: { message: string; next: string; step: string } };

const summary = ({ id, repo, commit, app, cloud, region, preset }: DeploymentSummary) => ({
  deployment: publicId(id),
  repo,
  commit,
  ref: app.source.ref,
  path: app.source.path,
  cloud,
  region,
  preset,
});

export function enqueueStarted(db: Db, row: DeploymentSummary, at: Date) {
  const data = { ...summary(row), state: "running", attempt: 1, seconds: null, error: null };
  enqueueEvent(db, row.repo, { type: "deployment.started", at, data, key: row.id });
}

/** Enqueues the outcome of a deployment or removal. The error must be anonymous already. */
export function enqueueEnded(db: Db, row: DeploymentSummary, ending: Ending, at: Date) {
  const { attempt, began } = attemptsOf(db, row.id);
  const { state } = ending;
  const seconds = began && state !== "removed" ? Math.round((at.getTime() - began.getTime()) / 100) / 10 : null;
  const error = ending.state === "failed" ? ending.error : null;
  const data = { ...summary(row), state, attempt, seconds, error };
  enqueueEvent(db, row.repo, { type: `deployment.${state}`, at, data, key: `${row.id} ${attempt}` });
}
