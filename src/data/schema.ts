import type { App } from "../app.ts";
import type { LedgerData } from "../clouds/cloud.ts";
import type { DeploymentState, Failure, Plan, Preset, StepState } from "../plan.ts";
import type { Settings } from "../settings.ts";
import { compressedJson } from "./compressed-json.ts";
import { index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from "./drizzle.ts";

const time = (name: string) => integer(name, { mode: "timestamp_ms" });

export const deployments = sqliteTable(
  "deployments",
  {
    id: text().primaryKey(),
    /** Idempotency key from the form or client: a double submit is one deployment. */
    request: text().notNull(),
    repo: text().notNull(),
    commit: text().notNull(),
    cloud: text().notNull(),
    region: text().notNull(),
    preset: text().$type<Preset>().notNull(),
    app: compressedJson<App>("app").notNull(),
    plan: compressedJson<Plan>("plan").notNull(),
    /** Access and answers, encrypted; null once wiped. */
    sealed: text(),
    state: text().$type<DeploymentState>().notNull(),
    url: text(),
    error: text({ mode: "json" }).$type<Failure>(),
    created: time("created").notNull(),
    finished: time("finished"),
    /** The failure reason it is counted under, so that a retry can uncount it. */
    reason: text(),
    /** When data that is no longer needed was pruned. */
    tidied: time("tidied"),
  },
  (table) => [
    uniqueIndex("deployments_request").on(table.request),
    index("deployments_untidied").on(table.finished).where(sql`tidied IS NULL`),
  ],
);

/** The ledger: the steps of a deployment in order, each stored before its request is sent. */
export const steps = sqliteTable(
  "steps",
  {
    deployment: text()
      .notNull()
      .references(() => deployments.id),
    name: text().notNull(),
    position: integer().notNull(),
    title: text().notNull(),
    state: text().$type<StepState>().notNull(),
    message: text().notNull().default(""),
    data: text({ mode: "json" }).$type<LedgerData>().notNull(),
    since: time("since").notNull(),
    began: time("began"),
  },
  (table) => [primaryKey({ columns: [table.deployment, table.name] })],
);

export const events = sqliteTable(
  "events",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    deployment: text()
      .notNull()
      .references(() => deployments.id),
    at: time("at").notNull(),
    type: text().$type<"step" | "log" | "state">().notNull(),
    /** The JSON sent on the stream, verbatim. */
    data: text().notNull(),
  },
  (table) => [index("events_deployment").on(table.deployment, table.id)],
);

/** Daily counters: no visitor, no IP address, no time of day. */
export const counts = sqliteTable(
  "counts",
  {
    repo: text().notNull(),
    day: text().notNull(),
    cloud: text().notNull().default(""),
    what: text().$type<Countable>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.day, table.cloud, table.what] })],
);
/** `proxy`: badge loads by image proxies. `ignored...`: loads and visits left out of the other counters. */
export type Countable =
  | "badge"
  | "proxy"
  | "ignoredBadge"
  | "visit"
  | "ignoredVisit"
  | "start"
  | "success"
  | "failure"
  | "removal";

/** API responses by URL, for conditional requests, which cost no rate limit. */
export const responses = sqliteTable("responses", {
  url: text().primaryKey(),
  etag: text().notNull(),
  status: integer().notNull(),
  body: text().notNull(),
  at: time("at").notNull(),
});

/** Signed-in users. A session cookie cannot be derived from its row. */
export const sessions = sqliteTable(
  "sessions",
  {
    /** SHA-256 of the secret in the cookie. */
    id: text().primaryKey(),
    /** GitHub's account id, which does not change with the login. */
    user: integer().notNull(),
    login: text().notNull(),
    /** The user's GitHub token, encrypted. */
    sealed: text().notNull(),
    /** The token's OAuth scopes; empty if it may only read public data. */
    scope: text().notNull(),
    created: time("created").notNull(),
    /** Last use, to the day. */
    used: time("used").notNull(),
  },
  (table) => [index("sessions_user").on(table.user)],
);

/** Settings that maintainers saved on a repository's page, by `host/owner/repo` in lower case. */
export const settings = sqliteTable("settings", {
  repo: text().primaryKey(),
  settings: text({ mode: "json" }).$type<Settings>().notNull(),
  by: text().notNull(),
  at: time("at").notNull(),
});

/** Visitors' reports about a repository; nothing about the reporter is stored. */
export const reports = sqliteTable(
  "reports",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    repo: text().notNull(),
    reason: text().notNull(),
    text: text().notNull(),
    at: time("at").notNull(),
    /** When an operator closed it; null while open. */
    closed: time("closed"),
  },
  (table) => [index("reports_repo").on(table.repo)],
);

/** Blocked repositories: `host/owner/repo`, or `host/owner` for all of an owner's, in lower case. */
export const blocks = sqliteTable("blocks", {
  name: text().primaryKey(),
  reason: text().notNull(),
  by: text().notNull(),
  at: time("at").notNull(),
});

/** Webhooks of a repository's maintainers; a GitHub `repo` is in lower case. */
export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    repo: text().notNull(),
    url: text().notNull(),
    /** Subscribed event types, such as `deployment.failed`. */
    types: text({ mode: "json" }).$type<string[]>().notNull(),
    /** The signing secret, encrypted, and the previous one, which also signs until `expires`. */
    secret: text().notNull(),
    former: text(),
    expires: time("expires"),
    on: integer({ mode: "boolean" }).notNull(),
    /** Why we switched it off; empty if we did not. */
    reason: text().notNull().default(""),
    /** When deliveries began to fail; null while they succeed. */
    failing: time("failing"),
    created: time("created").notNull(),
  },
  (table) => [index("webhooks_repo").on(table.repo)],
);

/** Events queued for one webhook, stored in the transaction of the event and kept for redelivery. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    /** Derived from event and webhook, so that an event is stored once. */
    id: text().primaryKey(),
    webhook: text()
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    type: text().notNull(),
    /** The JSON sent, verbatim. */
    body: text().notNull(),
    created: time("created").notNull(),
    state: text().$type<"waiting" | "delivered" | "given up">().notNull(),
    /** Attempts since it was last requested. */
    tries: integer().notNull().default(0),
    /** When the next attempt is due; null if none is. */
    next: time("next"),
  },
  (table) => [
    index("deliveries_next").on(table.next),
    index("deliveries_webhook").on(table.webhook, table.created),
    index("deliveries_created").on(table.created),
  ],
);

export const attempts = sqliteTable(
  "attempts",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    delivery: text()
      .notNull()
      .references(() => deliveries.id, { onDelete: "cascade" }),
    at: time("at").notNull(),
    milliseconds: integer().notNull(),
    /** Null if no response came; `answer` then holds the reason. */
    status: integer(),
    /** The beginning of the response body. */
    answer: text().notNull(),
  },
  (table) => [index("attempts_delivery").on(table.delivery)],
);

/** Repositories that were deployable once, and since when they no longer are. */
export const watched = sqliteTable(
  "watched",
  {
    repo: text().primaryKey(),
    /** The last deployable commit; null if none has been seen. */
    good: text(),
    /** The first commit that was not deployable, since when, and its first problem. */
    bad: text(),
    since: time("since"),
    problem: text().notNull().default(""),
    /** When it was last viewed, to the day. */
    seen: time("seen").notNull(),
    /** When the next scheduled check is due; null if none was requested. */
    next: time("next"),
  },
  (table) => [index("watched_next").on(table.next), index("watched_seen").on(table.seen)],
);

/** The counters by one dimension at a time, so that no row joins a site to a region, or a region to a version. */
export const breakdowns = sqliteTable(
  "breakdowns",
  {
    repo: text().notNull(),
    by: text().$type<Breakable>().notNull(),
    day: text().notNull(),
    value: text().notNull(),
    what: text().$type<Countable>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.by, table.day, table.value, table.what] })],
);
/** `region` includes the cloud, as `aws/eu-west-1`; `site` is the host that a visit came from. */
export type Breakable = "region" | "version" | "site";

/** Durations of successful deployments, in seconds. */
export const durations = sqliteTable(
  "durations",
  {
    repo: text().notNull(),
    day: text().notNull(),
    cloud: text().notNull(),
    seconds: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.day, table.cloud, table.seconds] })],
);

/** Why deployments failed, without anything that could identify a visitor. */
export const reasons = sqliteTable(
  "reasons",
  {
    repo: text().notNull(),
    day: text().notNull(),
    cloud: text().notNull(),
    /** The fingerprint shared by all failures of this kind. */
    reason: text().notNull(),
    count: integer().notNull(),
    /** One example: the cloud's error message and our advice. */
    message: text().notNull(),
    next: text().notNull(),
    fault: text().$type<Fault>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.day, table.cloud, table.reason] })],
);
/** Who can fix a failure. */
export type Fault = "app" | "cloud" | "slipway";
