import { aborted, denied, GoogleError, invalid, orgPolicy } from "./errors.ts";
import type { Call, Google } from "./google.ts";
import { freshEtag, type Policy, type Project, valueAt } from "./project.ts";

/** How long a policy rejects a new service account as unknown. */
export const accountPropagationSeconds = 24;

interface Binding {
  role: string;
  members: string[];
  condition?: object;
}

/** Returns a policy in the requested version. Below version 3, a condition appears only as a suffix of the role. */
export function policyInVersion(policy: Policy, version: number): Policy {
  if (version >= 3)
    return structuredClone({ ...policy, version: policy.bindings.some((binding) => binding.condition) ? 3 : 1 });
  return structuredClone({
    ...policy,
    version: 1,
    bindings: policy.bindings.map(({ role, members, condition }) => ({
      role: condition ? `${role}_withcond_0123456789abcdef0123` : role,
      members,
    })),
  });
}

/** Returns the policy after a change. Throws Google's error if the change is invalid. */
export function nextPolicy(
  { google, project }: Pick<Call, "google" | "project">,
  current: Policy,
  input: unknown,
): Policy {
  const etag = valueAt(input, "etag");
  if (etag !== undefined && etag !== current.etag)
    throw new GoogleError(
      aborted(
        `There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The request's ETag '${etag}' did not match the current policy's ETag '${current.etag}'.`,
      ),
    );
  if (etag === undefined) throw new GoogleError(invalid("this fake wants an etag with every policy"));
  const bindings = ((valueAt(input, "bindings") ?? []) as Binding[]).filter(({ members = [] }) => members.length > 0);
  if (current.bindings.some((binding) => binding.condition) && Number(valueAt(input, "version") ?? 1) < 3)
    throw new GoogleError(invalid("A policy with conditions must be set with version 3. Specified policy version: 1."));
  for (const { role, members } of bindings) {
    if (!/^(roles|projects\/[^/]+\/roles)\/[\w.]+$/.test(role) || role.includes("_withcond_"))
      throw new GoogleError(invalid(`Role ${role} is not supported for this resource.`));
    for (const member of members) checkMember(google, project, current, role, member);
  }
  return {
    version: bindings.some((binding) => binding.condition) ? 3 : 1,
    etag: freshEtag(),
    bindings: structuredClone(bindings),
  };
}

function checkMember(google: Google, project: Project, current: Policy, role: string, member: string) {
  if (current.bindings.some((binding) => binding.role === role && binding.members.includes(member))) return;
  if (["allUsers", "allAuthenticatedUsers"].includes(member)) {
    if (!project.constraints.has("iam.allowedPolicyMemberDomains")) return;
    throw new GoogleError(
      orgPolicy(
        "constraints/iam.allowedPolicyMemberDomains",
        "One or more users named in the policy do not belong to a permitted customer,  perhaps due to an organization policy.",
      ),
    );
  }
  const [, type, name = ""] = /^(user|group|serviceAccount|domain):(.+)$/.exec(member) ?? [];
  if (!type) throw new GoogleError(invalid(`Invalid member: ${member}`));
  if (type !== "serviceAccount") return;
  // Google's own service agents always exist.
  if (/^(service-\d+@gcp-sa|\d+@cloudservices|service-\d+@)/.test(name) || /^\d+-compute@/.test(name)) return;
  const account = [...google.projects.values()]
    .flatMap(({ resources }) => [...resources.values()])
    .find((binding) => binding.kind === "serviceAccount" && binding.body.email === name);
  if (!account || google.now() - account.since < accountPropagationSeconds * google.pace())
    throw new GoogleError(invalid(`Service account ${name} does not exist.`));
}

/** Marks a deleted account in every policy, as Google does. */
export function markMemberDeleted(project: Project, email: string, uniqueId: string) {
  const deletedMember = `deleted:serviceAccount:${email}?uid=${uniqueId}`;
  const policies = [
    project.policy,
    ...[...project.resources.values()].flatMap(({ policy }) => (policy ? [policy] : [])),
  ];
  for (const policy of policies)
    for (const binding of policy.bindings)
      binding.members = binding.members.map((binding) =>
        binding === `serviceAccount:${email}` ? deletedMember : binding,
      );
}

/** Creates the methods that read and set a resource's policy. */
export const policyHandlers = (findResource: (call: Call) => { policy: Policy | null }) => ({
  getIamPolicy(call: Call) {
    const resource = findResource(call);
    resource.policy ??= { version: 1, etag: freshEtag(), bindings: [] };
    const version = Number(
      call.params["options.requestedPolicyVersion"] ??
        call.params.optionsRequestedPolicyVersion ??
        valueAt(call.body, "options.requestedPolicyVersion") ??
        1,
    );
    return { ...policyInVersion(resource.policy, version) };
  },
  setIamPolicy(call: Call) {
    const resource = findResource(call);
    resource.policy ??= { version: 1, etag: freshEtag(), bindings: [] };
    const input = call.api === "storage" ? call.body : call.body.policy;
    if (call.body.updateMask !== undefined) throw new GoogleError(denied("this fake knows no updateMask"));
    const next = nextPolicy(call, resource.policy, input);
    Object.assign(resource.policy, next);
    return { ...policyInVersion(resource.policy, 3) };
  },
});
