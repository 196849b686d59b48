import type { Grant, Known, Step, Thing } from "../../stack.ts";
import type { Setting } from "../context.ts";
import { type Part, project, text, told } from "../expressions.ts";
import { named } from "../names.ts";
import { projectGrant } from "../resource-builders.ts";

/** Who does what: builds images, runs the app, starts scheduled jobs, is who the keys of buckets stand for. */
export type Account = "build" | "run" | "schedule" | "keys";

const suffixes: Record<Account, string> = { build: "b", run: "r", schedule: "s", keys: "k" };
const does: Record<Account, string> = {
  build: "builds its images",
  run: "runs it",
  schedule: "starts its scheduled jobs",
  keys: "uses its buckets by keys",
};

export const accountEmail = (account: Account): Known => told("accounts", account, "email");
export const member = (email: Part) => text("serviceAccount:", email);

const made = ({ app }: Setting, account: Account): Thing => {
  const name = named(app.slug, suffixes[account]);
  const whole = {
    name: text("projects/", project, "/serviceAccounts/", ...name, "@", project, ".iam.gserviceaccount.com"),
  };
  return {
    id: account,
    kind: "thing",
    create: {
      api: "iam",
      method: "projects.serviceAccounts.create",
      params: { name: text("projects/", project) },
      body: {
        accountId: text(...name),
        serviceAccount: { displayName: `${app.slug.slice(0, 50)}: ${does[account]}`, description: "Made by Slipway" },
      },
    },
    find: { api: "iam", method: "projects.serviceAccounts.get", params: whole },
    remove: { api: "iam", method: "projects.serviceAccounts.delete", params: whole },
    mark: null,
    tells: { email: "email" },
  };
};

/** Accounts of the app's own, because those that a project begins with may do too much, or be switched off. */
export function accounts(setting: Setting, who: Account[], { sql }: { sql: boolean }): Step {
  const grants: Grant[] = [
    ...(who.includes("build")
      ? [projectGrant("build-logs", "roles/logging.logWriter", member(accountEmail("build")))]
      : []),
    ...(sql ? [projectGrant("run-database", "roles/cloudsql.client", member(accountEmail("run")))] : []),
  ];
  return {
    name: "accounts",
    title: "Service accounts",
    after: ["apis"],
    resources: [...who.map((account) => made(setting, account)), ...grants],
  };
}
