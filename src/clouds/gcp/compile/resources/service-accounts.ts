import type { IamMember, ManagedResource, Reference, Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { concat, outputRef, project, type TextPart } from "../expressions.ts";
import { resourceName } from "../names.ts";
import { projectIamMember } from "../resource-builders.ts";

/** The service accounts: one builds images, one runs the app, one starts scheduled jobs, one owns the HMAC key. */
export type ServiceAccountKind = "build" | "run" | "schedule" | "keys";

const suffixes: Record<ServiceAccountKind, string> = { build: "b", run: "r", schedule: "s", keys: "k" };
const displayNames: Record<ServiceAccountKind, string> = {
  build: "builds its images",
  run: "runs it",
  schedule: "starts its scheduled jobs",
  keys: "uses its buckets by keys",
};

export const accountEmail = (account: ServiceAccountKind): Reference => outputRef("accounts", account, "email");
export const serviceAccountMember = (email: TextPart) => concat("serviceAccount:", email);

const serviceAccount = ({ app }: CompileContext, account: ServiceAccountKind): ManagedResource => {
  const name = resourceName(app.slug, suffixes[account]);
  const accountPath = {
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
        serviceAccount: {
          displayName: `${app.slug.slice(0, 50)}: ${displayNames[account]}`,
          description: "Made by Slipway",
        },
      },
    },
    find: { api: "iam", method: "projects.serviceAccounts.get", params: accountPath },
    remove: { api: "iam", method: "projects.serviceAccounts.delete", params: accountPath },
    mark: null,
    tells: { email: "email" },
  };
};

/** Creates service accounts for the app, because the default ones of a project have too many roles or are disabled. */
export function serviceAccountsStep(
  context: CompileContext,
  accounts: ServiceAccountKind[],
  { sql }: { sql: boolean },
): Step {
  const grants: IamMember[] = [
    ...(accounts.includes("build")
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
    resources: [...accounts.map((account) => serviceAccount(context, account)), ...grants],
  };
}
