import type { IamMember } from "../../stack.ts";
import type { ApiResponse, ResolvedRequest } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { isConflict } from "../api/retry-propagation.ts";
import { resolveRequest, resolveValue } from "../resolve-values.ts";
import type { ResolveScope, RunContext } from "../run-context.ts";

interface Binding {
  role: string;
  members?: string[];
  condition?: unknown;
}

const tries = 12;

/** Gives the role, if it is not given already. */
export const addIamMember = (session: RunContext, about: ResolveScope, grant: IamMember, signal: AbortSignal) =>
  change(session, about, grant, signal, (bindings, member) => {
    const plain = bindings.find(({ role, condition }) => role === grant.role && !condition);
    if (plain?.members?.includes(member)) return null;
    const others = bindings.filter((one) => one !== plain);
    return [...others, { role: grant.role, members: [...(plain?.members ?? []), member] }];
  });

/** Takes the role back, also from an account that is gone already: its name is kept in policies. */
export const removeIamMember = (session: RunContext, about: ResolveScope, grant: IamMember, signal: AbortSignal) =>
  change(session, about, grant, signal, (bindings, member) => {
    const isIts = (one: string) => one === member || one.startsWith(`deleted:${member}?`);
    if (!bindings.some(({ role, condition, members = [] }) => role === grant.role && !condition && members.some(isIts)))
      return null;
    return bindings
      .map((one) =>
        one.role === grant.role && !one.condition
          ? { ...one, members: (one.members ?? []).filter((member) => !isIts(member)) }
          : one,
      )
      .filter(({ members = [] }) => members.length > 0);
  });

/** Reads the policy, and writes it back with its etag; anew, when somebody else was quicker. */
async function change(
  { call: ask, resolver: factsOf, world }: RunContext,
  about: ResolveScope,
  grant: IamMember,
  signal: AbortSignal,
  next: (bindings: Binding[], member: string) => Binding[] | null,
) {
  const facts = factsOf(about, signal);
  const member = `${await resolveValue(grant.member, facts)}`;
  for (let tried = 1; ; tried++)
    try {
      const policy = await ask(await resolveRequest(grant.read, facts), signal);
      const bindings = next(Array.isArray(policy.bindings) ? (policy.bindings as Binding[]) : [], member);
      if (bindings === null) return;
      await ask(withPolicy(await resolveRequest(grant.write, facts), { ...policy, bindings }), signal);
      return;
    } catch (error) {
      if (!isConflict(error) || tried >= tries) throw error;
      await world.sleep(250 * 1.6 ** tried, signal);
    }
}

/** Takes it back, where what it was on may be gone. */
export async function removeIamMemberIfExists(...args: Parameters<typeof removeIamMember>) {
  try {
    await removeIamMember(...args);
  } catch (error) {
    if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
  }
}

/** A bucket's policy is the whole body; everywhere else it stands in one. */
const withPolicy = (request: ResolvedRequest, policy: ApiResponse): ResolvedRequest => ({
  ...request,
  body: request.api === "storage" ? policy : { ...(request.body as ApiResponse | undefined), policy },
});
