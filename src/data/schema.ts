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
    /** What the form or the client sent along so that a double submit is one deployment. */
    request: text().notNull(),
    repo: text().notNull(),
    commit: text().notNull(),
    cloud: text().notNull(),
    region: text().notNull(),
    preset: text().$type<Preset>().notNull(),
    app: compressedJson<App>("app").notNull(),
    plan: compressedJson<Plan>("plan").notNull(),
    /** Access and answers, encrypted; null once they are wiped. */
    sealed: text(),
    state: text().$type<DeploymentState>().notNull(),
    url: text(),
    error: text({ mode: "json" }).$type<Failure>(),
    created: time("created").notNull(),
    finished: time("finished"),
    /** What its failure is counted under, so that a retry can take it back. */
    reason: text(),
    /** When what nobody needs of it any more was cleared out. */
    tidied: time("tidied"),
  },
  (table) => [
    uniqueIndex("deployments_request").on(table.request),
    index("deployments_untidied").on(table.finished).where(sql`tidied IS NULL`),
  ],
);

/** The ledger: what a deployment creates, in the order it began, written down before it is asked for. */
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
    /** The JSON that goes out on the stream, as it is. */
    data: text().notNull(),
  },
  (table) => [index("events_deployment").on(table.deployment, table.id)],
);

/** How often something happened: no visitor, no address, no time of day. */
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
/** `proxy`: of the badge loads, those by image proxies. `ignored...`: what is left out of the others. */
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

/** What an API answered, by URL, so that a conditional request can bring it back for free. */
export const responses = sqliteTable("responses", {
  url: text().primaryKey(),
  etag: text().notNull(),
  status: integer().notNull(),
  body: text().notNull(),
  at: time("at").notNull(),
});

/** Who is signed in: what is in their cookie cannot be told from what is here. */
export const sessions = sqliteTable(
  "sessions",
  {
    /** SHA-256 of the secret in the cookie. */
    id: text().primaryKey(),
    /** GitHub's number of the account, which stays when its login changes. */
    user: integer().notNull(),
    login: text().notNull(),
    /** The token GitHub gave for it, encrypted. */
    sealed: text().notNull(),
    /** What the token may do beyond reading what is public; empty: nothing. */
    scope: text().notNull(),
    created: time("created").notNull(),
    /** When it was last used, to the day. */
    used: time("used").notNull(),
  },
  (table) => [index("sessions_user").on(table.user)],
);

/** What a repository's maintainers have set on its page, by `host/owner/repo` in lower case. */
export const settings = sqliteTable("settings", {
  repo: text().primaryKey(),
  settings: text({ mode: "json" }).$type<Settings>().notNull(),
  by: text().notNull(),
  at: time("at").notNull(),
});

/** What visitors say about a repository; nothing about who said it. */
export const reports = sqliteTable(
  "reports",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    repo: text().notNull(),
    reason: text().notNull(),
    text: text().notNull(),
    at: time("at").notNull(),
    /** When an operator put it aside; null: nobody has yet. */
    closed: time("closed"),
  },
  (table) => [index("reports_repo").on(table.repo)],
);

/** What may not be deployed from here: `host/owner/repo`, or `host/owner` for all of somebody's, in lower case. */
export const blocks = sqliteTable("blocks", {
  name: text().primaryKey(),
  reason: text().notNull(),
  by: text().notNull(),
  at: time("at").notNull(),
});

/** Where a repository's maintainers are told of what happens; `repo` on GitHub is in lower case. */
export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    repo: text().notNull(),
    url: text().notNull(),
    /** What it is told of, such as `deployment.failed`. */
    types: text({ mode: "json" }).$type<string[]>().notNull(),
    /** What signs, encrypted; and the one before, which signs beside it until `expires`. */
    secret: text().notNull(),
    former: text(),
    expires: time("expires"),
    on: integer({ mode: "boolean" }).notNull(),
    /** Why we switched it off; empty when we did not. */
    reason: text().notNull().default(""),
    /** Since when nothing has arrived. */
    failing: time("failing"),
    created: time("created").notNull(),
  },
  (table) => [index("webhooks_repo").on(table.repo)],
);

/** What is to be told to one webhook: written with what it tells of, and kept for a while for those who want it again. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    /** The same event for the same webhook has the same id, so it is written once. */
    id: text().primaryKey(),
    webhook: text()
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    type: text().notNull(),
    /** The JSON that is sent, as it is. */
    body: text().notNull(),
    created: time("created").notNull(),
    state: text().$type<"waiting" | "delivered" | "given up">().notNull(),
    /** How often it was tried since it was last asked for. */
    tries: integer().notNull().default(0),
    /** When it is to be tried; null when it is not. */
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
    /** Null: no answer came, and `answer` says why. */
    status: integer(),
    /** The first of what it answered. */
    answer: text().notNull(),
  },
  (table) => [index("attempts_delivery").on(table.delivery)],
);

/** Repositories that could be deployed once, and since when they no longer can. */
export const watched = sqliteTable(
  "watched",
  {
    repo: text().primaryKey(),
    /** The last commit that could be deployed; null: none has been seen yet. */
    good: text(),
    /** The first that could not, since when, and the first thing that stood in the way. */
    bad: text(),
    since: time("since"),
    problem: text().notNull().default(""),
    /** To the day: when anybody last looked. */
    seen: time("seen").notNull(),
    /** When we look by ourselves; null: nobody asked us to yet. */
    next: time("next"),
  },
  (table) => [index("watched_next").on(table.next), index("watched_seen").on(table.seen)],
);

/** The same counts seen one way at a time, so that no row joins a site to a region, or a region to a version. */
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
/** `region` is a cloud's, as `aws/eu-west-1`; `site` is the host that a visit came from. */
export type Breakable = "region" | "version" | "site";

/** How long deployments took that succeeded, in seconds. */
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

/** Why deployments failed, with everything taken out that could lead to somebody. */
export const reasons = sqliteTable(
  "reasons",
  {
    repo: text().notNull(),
    day: text().notNull(),
    cloud: text().notNull(),
    /** What is the same in all failures of this kind. */
    reason: text().notNull(),
    count: integer().notNull(),
    /** One of them, in the cloud's own words, and what was advised. */
    message: text().notNull(),
    next: text().notNull(),
    fault: text().$type<Fault>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.repo, table.day, table.cloud, table.reason] })],
);
/** Whose doing a failure is. */
export type Fault = "app" | "cloud" | "slipway";
