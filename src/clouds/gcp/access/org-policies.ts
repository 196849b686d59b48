import { type Note, note } from "../../../result.ts";
import { getPath, listAt } from "../provision/api/json-path.ts";
import type { Stack } from "../stack.ts";
import type { ApiCall } from "./interactive-client.ts";

/** What an organisation has decided about a constraint; null: nothing, or it cannot be asked. */
export type OrgPolicy = { enforced: boolean; allows(value: string): boolean } | null;

/** https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints */
export async function effectivePolicy(ask: ApiCall, project: string, constraint: string): Promise<OrgPolicy> {
  const name = `projects/${project}/policies/${constraint}`;
  const found = await ask({ api: "orgpolicy", method: "projects.policies.getEffectivePolicy", params: { name } }).catch(
    () => null,
  );
  if (found === null) return null;
  const rules = listAt(found, "spec.rules");
  const has = (rule: unknown, list: string, value: string) =>
    listAt(rule, `values.${list}`).some((one) => one === value || one === `is:${value}`);
  return {
    enforced: rules.some((rule) => getPath(rule, "enforce") === true),
    allows: (value) =>
      !rules.some((rule) => getPath(rule, "denyAll") === true || has(rule, "deniedValues", value)) &&
      (rules.length === 0 ||
        rules.some((rule) => getPath(rule, "allowAll") === true || has(rule, "allowedValues", value)) ||
        rules.every((rule) => listAt(rule, "values.allowedValues").length === 0)),
  };
}

const admin =
  "Ask whoever manages your organisation's policies for an exception for this project, or choose a project without it.";

/** Some constraints have a younger form beside the old one, and either forbids. */
const either = async (ask: ApiCall, project: string, ...constraints: string[]): Promise<OrgPolicy> => {
  const all = await Promise.all(constraints.map((one) => effectivePolicy(ask, project, one)));
  return all.find((one) => one?.enforced) ?? null;
};

/** What a key of a bucket signs its requests with: https://cloud.google.com/storage/docs/org-policy-constraints */
const signatures = ["SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS", "in:ALL_HMAC_SIGNED_REQUESTS", "in:ALL_SIGNED_REQUESTS"];

/** What the organisation forbids of this stack. */
export async function policyViolations(ask: ApiCall, project: string, stack: Stack): Promise<Note[]> {
  const text = JSON.stringify(stack.steps);
  const open = text.includes('"INGRESS_TRAFFIC_ALL"');
  const key = text.includes('"kind":"key"');
  const [ingress, invoker, members, address, accounts, keys, signed] = await Promise.all([
    open ? effectivePolicy(ask, project, "run.allowedIngress") : null,
    open ? effectivePolicy(ask, project, "run.managed.requireInvokerIam") : null,
    open ? effectivePolicy(ask, project, "iam.allowedPolicyMemberDomains") : null,
    /"ipv4Enabled":true/.test(text)
      ? either(ask, project, "sql.restrictPublicIp", "sql.managed.restrictPublicIp")
      : null,
    text.includes('"projects.serviceAccounts.create"')
      ? either(ask, project, "iam.disableServiceAccountCreation", "iam.managed.disableServiceAccountCreation")
      : null,
    key ? effectivePolicy(ask, project, "iam.disableServiceAccountKeyCreation") : null,
    key ? effectivePolicy(ask, project, "storage.restrictAuthTypes") : null,
  ]);
  const problems: Note[] = [];
  const say = (constraint: string, message: string) =>
    problems.push(note(`${message} The policy is ${constraint}.`, { path: "access.project", fix: admin }));
  if (ingress && !ingress.allows("all"))
    say("run.allowedIngress", "Your organisation allows no service of Cloud Run to be reached from the internet.");
  // Either of the two ways to let everybody in will do.
  if (invoker?.enforced && members && !members.allows("allUsers"))
    say(
      "run.managed.requireInvokerIam, together with iam.allowedPolicyMemberDomains",
      "Your organisation lets nobody from outside use a service of Cloud Run.",
    );
  if (address?.enforced)
    say(
      "sql.restrictPublicIp",
      "Your organisation allows no database with a public address, which Cloud SQL is reached by here.",
    );
  if (accounts?.enforced)
    say("iam.disableServiceAccountCreation", "Your organisation allows no service accounts to be made.");
  // One forbids to make a key, the other to use it: https://cloud.google.com/storage/docs/authentication/managing-hmackeys
  if (keys?.enforced)
    say(
      "iam.disableServiceAccountKeyCreation",
      "Your organisation allows no keys, and this app reaches its bucket by one.",
    );
  if (signed && signatures.some((one) => !signed.allows(one)))
    say(
      "storage.restrictAuthTypes",
      "Your organisation allows no requests that are signed by a key, as this app's are.",
    );
  return problems;
}
