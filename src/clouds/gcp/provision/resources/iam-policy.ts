import type { IamMember } from "../../stack.ts";
import type { ApiResponse, ResolvedRequest } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { isConflict } from "../api/retry-propagation.ts";
import type { ResolveScope } from "../create-resolver.ts";
import { resolveRequest, resolveValue } from "../resolve-values.ts";
import type { RunContext } from "../run-context.ts";

interface Binding {
  role: string;
  members?: string[];
  condition?: unknown;
}

const maxAttempts = 12;

/** Grants the role, unless it is granted already. */
export const addIamMember = (context: RunContext, scope: ResolveScope, iamMember: IamMember, signal: AbortSignal) =>
  updatePolicy(context, scope, iamMember, signal, (bindings, member) => {
    const binding = bindings.find(({ role, condition }) => role === iamMember.role && !condition);
    if (binding?.members?.includes(member)) return null;
    const otherBindings = bindings.filter((other) => other !== binding);
    return [...otherBindings, { role: iamMember.role, members: [...(binding?.members ?? []), member] }];
  });

/** Revokes the role, also from a deleted account, which policies keep with a prefix. */
export const removeIamMember = (context: RunContext, scope: ResolveScope, iamMember: IamMember, signal: AbortSignal) =>
  updatePolicy(context, scope, iamMember, signal, (bindings, member) => {
    const isMember = (name: string) => name === member || name.startsWith(`deleted:${member}?`);
    if (
      !bindings.some(
        ({ role, condition, members = [] }) => role === iamMember.role && !condition && members.some(isMember),
      )
    )
      return null;
    return bindings
      .map((other) =>
        other.role === iamMember.role && !other.condition
          ? { ...other, members: (other.members ?? []).filter((member) => !isMember(member)) }
          : other,
      )
      .filter(({ members = [] }) => members.length > 0);
  });

/** Reads the policy and writes it back with its etag; starts over if another client changed it in between. */
async function updatePolicy(
  { call, resolver: createResolver, dependencies }: RunContext,
  scope: ResolveScope,
  iamMember: IamMember,
  signal: AbortSignal,
  update: (bindings: Binding[], member: string) => Binding[] | null,
) {
  const resolver = createResolver(scope, signal);
  const member = `${await resolveValue(iamMember.member, resolver)}`;
  for (let attempt = 1; ; attempt++)
    try {
      const policy = await call(await resolveRequest(iamMember.read, resolver), signal);
      const bindings = update(Array.isArray(policy.bindings) ? (policy.bindings as Binding[]) : [], member);
      if (bindings === null) return;
      await call(withPolicy(await resolveRequest(iamMember.write, resolver), { ...policy, bindings }), signal);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt >= maxAttempts) throw error;
      await dependencies.sleep(250 * 1.6 ** attempt, signal);
    }
}

/** Revokes the role, if its resource still exists. */
export async function removeIamMemberIfExists(...args: Parameters<typeof removeIamMember>) {
  try {
    await removeIamMember(...args);
  } catch (error) {
    if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
  }
}

/** A bucket's policy is the whole body; all other APIs wrap it. */
const withPolicy = (request: ResolvedRequest, policy: ApiResponse): ResolvedRequest => ({
  ...request,
  body: request.api === "storage" ? policy : { ...(request.body as ApiResponse | undefined), policy },
});
