import { type Note, note } from "../../../result.ts";
import { getPath, listAt } from "../provision/api/json-path.ts";
import type { Stack } from "../stack.ts";
import type { ApiCall } from "./interactive-client.ts";
import { createsServiceAccounts, hasPublicDatabase, hasPublicService, usesHmacKey } from "./stack-contents.ts";

/** The effective policy for a constraint; null if there is none or it cannot be read. */
export type OrgPolicy = { enforced: boolean; allows(value: string): boolean } | null;

/** https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints */
export async function effectivePolicy(call: ApiCall, project: string, constraint: string): Promise<OrgPolicy> {
  const name = `projects/${project}/policies/${constraint}`;
  const policy = await call({
    api: "orgpolicy",
    method: "projects.policies.getEffectivePolicy",
    params: { name },
  }).catch(() => null);
  if (policy === null) return null;
  const rules = listAt(policy, "spec.rules");
  const has = (rule: unknown, list: string, value: string) =>
    listAt(rule, `values.${list}`).some((item) => item === value || item === `is:${value}`);
  return {
    enforced: rules.some((rule) => getPath(rule, "enforce") === true),
    allows: (value) =>
      !rules.some((rule) => getPath(rule, "denyAll") === true || has(rule, "deniedValues", value)) &&
      (rules.length === 0 ||
        rules.some((rule) => getPath(rule, "allowAll") === true || has(rule, "allowedValues", value)) ||
        rules.every((rule) => listAt(rule, "values.allowedValues").length === 0)),
  };
}

const exceptionAdvice =
  "Ask whoever manages your organisation's policies for an exception for this project, or choose a project without it.";

/** Returns the first enforced policy. Some constraints exist in an old and a managed form, and either one forbids. */
const enforcedPolicy = async (call: ApiCall, project: string, ...constraints: string[]): Promise<OrgPolicy> => {
  const policies = await Promise.all(constraints.map((constraint) => effectivePolicy(call, project, constraint)));
  return policies.find((policy) => policy?.enforced) ?? null;
};

/** The policy values that cover requests signed with an HMAC key: https://cloud.google.com/storage/docs/org-policy-constraints */
const hmacAuthTypes = ["SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS", "in:ALL_HMAC_SIGNED_REQUESTS", "in:ALL_SIGNED_REQUESTS"];

/** Returns a note for every organisation policy that this stack violates. */
export async function policyViolations(call: ApiCall, project: string, stack: Stack): Promise<Note[]> {
  const isPublic = hasPublicService(stack);
  const hasHmacKey = usesHmacKey(stack);
  const [ingress, invoker, memberDomains, publicIp, serviceAccounts, accountKeys, authTypes] = await Promise.all([
    isPublic ? effectivePolicy(call, project, "run.allowedIngress") : null,
    isPublic ? effectivePolicy(call, project, "run.managed.requireInvokerIam") : null,
    isPublic ? effectivePolicy(call, project, "iam.allowedPolicyMemberDomains") : null,
    hasPublicDatabase(stack)
      ? enforcedPolicy(call, project, "sql.restrictPublicIp", "sql.managed.restrictPublicIp")
      : null,
    createsServiceAccounts(stack)
      ? enforcedPolicy(call, project, "iam.disableServiceAccountCreation", "iam.managed.disableServiceAccountCreation")
      : null,
    hasHmacKey ? effectivePolicy(call, project, "iam.disableServiceAccountKeyCreation") : null,
    hasHmacKey ? effectivePolicy(call, project, "storage.restrictAuthTypes") : null,
  ]);
  const problems: Note[] = [];
  const report = (constraint: string, message: string) =>
    problems.push(note(`${message} The policy is ${constraint}.`, { path: "access.project", fix: exceptionAdvice }));
  if (ingress && !ingress.allows("all"))
    report("run.allowedIngress", "Your organisation allows no service of Cloud Run to be reached from the internet.");
  // A service is made public in one of two ways, so only both policies together prevent it.
  if (invoker?.enforced && memberDomains && !memberDomains.allows("allUsers"))
    report(
      "run.managed.requireInvokerIam, together with iam.allowedPolicyMemberDomains",
      "Your organisation lets nobody from outside use a service of Cloud Run.",
    );
  if (publicIp?.enforced)
    report(
      "sql.restrictPublicIp",
      "Your organisation allows no database with a public address, which Cloud SQL is reached by here.",
    );
  if (serviceAccounts?.enforced)
    report("iam.disableServiceAccountCreation", "Your organisation allows no service accounts to be made.");
  // The first forbids creating a key, the second using it: https://cloud.google.com/storage/docs/authentication/managing-hmackeys
  if (accountKeys?.enforced)
    report(
      "iam.disableServiceAccountKeyCreation",
      "Your organisation allows no keys, and this app reaches its bucket by one.",
    );
  if (authTypes && hmacAuthTypes.some((type) => !authTypes.allows(type)))
    report(
      "storage.restrictAuthTypes",
      "Your organisation allows no requests that are signed by a key, as this app's are.",
    );
  return problems;
}
