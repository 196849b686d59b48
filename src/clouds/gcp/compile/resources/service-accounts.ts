import type { IamMember, ManagedResource, Reference, Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { concat, outputRef, project, type TextPart } from "../expressions.ts";
import { resourceName } from "../names.ts";
import { projectIamMember } from "../resource-builders.ts";

/** Who does what: builds images, runs the app, starts scheduled jobs, is who the keys of buckets stand for. */
export type ServiceAccountKind = "build" | "run" | "schedule" | "keys";

const suffixes: Record<ServiceAccountKind, string> = { build: "b", run: "r", schedule: "s", keys: "k" };
const does: Record<ServiceAccountKind, string> = {
  build: "builds its images",
  run: "runs it",
  schedule: "starts its scheduled jobs",
  keys: "uses its buckets by keys",
};

export const accountEmail = (account: ServiceAccountKind): Reference => outputRef("accounts", account, "email");
export const serviceAccountMember = (email: TextPart) => concat("serviceAccount:", email);

const made = ({ app }: CompileContext, account: ServiceAccountKind): ManagedResource => {
  const name = resourceName(app.slug, suffixes[account]);
  const whole = {
    name: concat("projects/", project, "/serviceAccounts/", ...name, "@", project, ".iam.gserviceaccount.com"),
  };
  return {
    id: account,
    kind: "thing",
    create: {
      api: "iam",
      method: "projects.serviceAccounts.create",
      params: { name: concat("projects/", project) },
      body: {
        accountId: concat(...name),
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
export function serviceAccountsStep(
  setting: CompileContext,
  who: ServiceAccountKind[],
  { sql }: { sql: boolean },
): Step {
  const grants: IamMember[] = [
    ...(who.includes("build")
      ? [projectIamMember("build-logs", "roles/logging.logWriter", serviceAccountMember(accountEmail("build")))]
      : []),
    ...(sql
      ? [projectIamMember("run-database", "roles/cloudsql.client", serviceAccountMember(accountEmail("run")))]
      : []),
  ];
  return {
    name: "accounts",
    title: "Service accounts",
    after: ["apis"],
    resources: [...who.map((account) => made(setting, account)), ...grants],
  };
}
