import type { ApiRequest } from "./discovery.ts";

// The permission that each method requires: https://cloud.google.com/iam/docs/permissions-reference

const services: Record<string, string> = { cloudresourcemanager: "resourcemanager", sqladmin: "cloudsql" };
const byMethod: Record<string, string> = {
  "cloudbilling.projects.getBillingInfo": "resourcemanager.projects.get",
  "cloudbilling.projects.updateBillingInfo": "resourcemanager.projects.createBillingAssignment",
  "logging.entries.list": "logging.logEntries.list",
  "orgpolicy.projects.policies.getEffectivePolicy": "orgpolicy.policy.get",
  "secretmanager.projects.secrets.addVersion": "secretmanager.versions.add",
  "serviceusage.services.batchEnable": "serviceusage.services.enable",
  "serviceusage.services.batchGet": "serviceusage.services.get",
};
const verbs: Record<string, string> = { insert: "create", patch: "update", getAuthString: "getAuthString" };
/** Methods that need no permission, or one that every member of the project has. */
const unrestricted =
  /\.(search|testIamPermissions)$|cloudresourcemanager\.projects\.create|billingAccounts\.list|operations\./;

export function permissionOf({ api, method, call }: ApiRequest): string | null {
  if (unrestricted.test(call)) return null;
  const exception = byMethod[call];
  if (exception) return exception;
  const parts = method.split(".");
  const verb = parts.at(-1) ?? "";
  // https://cloud.google.com/run/docs/reference/iam/permissions
  const kind = (parts.at(-2) ?? "").replace("workerPools", "workerpools");
  return `${services[api] ?? api}.${kind}.${verbs[verb] ?? verb}`;
}
