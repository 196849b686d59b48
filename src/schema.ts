import type { App } from "./app.ts";
import type { Data } from "./clouds/cloud.ts";
import { index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from "./drizzle.ts";
import { packed } from "./packed.ts";
import type { DeploymentState, Failure, Plan, Preset, StepState } from "./plan.ts";

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
    app: packed<App>("app").notNull(),
    plan: packed<Plan>("plan").notNull(),
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
    data: text({ mode: "json" }).$type<Data>().notNull(),
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
