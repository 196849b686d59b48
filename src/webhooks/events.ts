import { createHash } from "node:crypto";
import { repositoryKey } from "../address.ts";
import type { Db } from "../data/db.ts";
import { insertDelivery } from "../data/store/deliveries.ts";
import type { DeploymentRow } from "../data/store/deployments.ts";
import { attemptsOf } from "../data/store/events.ts";
import { webhooksFor } from "../data/store/webhooks.ts";

/** What webhooks are told of, in the order a page lists it. */
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

/** The same deployment always goes by the same name, from which nobody gets to its page. */
export const publicId = (id: string) => `dep_${hash("deployment", id)}`;

/** An event as it is sent: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const eventBody = (type: Type, at: Date, data: object) =>
  JSON.stringify({ type, timestamp: at.toISOString(), data });

/**
 * Writes an event down for every webhook that wants it; called in the transaction that writes what it tells of, so that
 * there is never one without the other. `key`: what tells this event from others of its type; the same is told once.
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

type Told = Pick<DeploymentRow, "id" | "repo" | "commit" | "cloud" | "region" | "preset" | "app">;
type Ending =
  | { state: "succeeded" | "removed" }
  | { state: "failed"; error: { message: string; next: string; step: string } };

const reduced = ({ id, repo, commit, app, cloud, region, preset }: Told) => ({
  deployment: publicId(id),
  repo,
  commit,
  ref: app.source.ref,
  path: app.source.path,
  cloud,
  region,
  preset,
});

export function enqueueStarted(db: Db, row: Told, at: Date) {
  const data = { ...reduced(row), state: "running", attempt: 1, seconds: null, error: null };
  enqueueEvent(db, row.repo, { type: "deployment.started", at, data, key: row.id });
}

/** How a deployment, or its removal, ended. The words of a failure have to be anonymous already. */
export function enqueueEnded(db: Db, row: Told, ending: Ending, at: Date) {
  const { attempt, began } = attemptsOf(db, row.id);
  const { state } = ending;
  const seconds = began && state !== "removed" ? Math.round((at.getTime() - began.getTime()) / 100) / 10 : null;
  const error = ending.state === "failed" ? ending.error : null;
  const data = { ...reduced(row), state, attempt, seconds, error };
  enqueueEvent(db, row.repo, { type: `deployment.${state}`, at, data, key: `${row.id} ${attempt}` });
}
