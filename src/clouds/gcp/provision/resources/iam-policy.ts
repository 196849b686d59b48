import type { Grant } from "../../stack.ts";
import type { Answer, Ready } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import { isConflict } from "../api/retry-propagation.ts";
import { fill, ready } from "../resolve-values.ts";
import type { About, Session } from "../run-context.ts";

interface Binding {
  role: string;
  members?: string[];
  condition?: unknown;
}

const tries = 12;

/** Gives the role, if it is not given already. */
export const give = (session: Session, about: About, grant: Grant, signal: AbortSignal) =>
  change(session, about, grant, signal, (bindings, member) => {
    const plain = bindings.find(({ role, condition }) => role === grant.role && !condition);
    if (plain?.members?.includes(member)) return null;
    const others = bindings.filter((one) => one !== plain);
    return [...others, { role: grant.role, members: [...(plain?.members ?? []), member] }];
  });

/** Takes the role back, also from an account that is gone already: its name is kept in policies. */
export const takeBack = (session: Session, about: About, grant: Grant, signal: AbortSignal) =>
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
  { ask, facts: factsOf, world }: Session,
  about: About,
  grant: Grant,
  signal: AbortSignal,
  next: (bindings: Binding[], member: string) => Binding[] | null,
) {
  const facts = factsOf(about, signal);
  const member = `${await fill(grant.member, facts)}`;
  for (let tried = 1; ; tried++)
    try {
      const policy = await ask(await ready(grant.read, facts), signal);
      const bindings = next(Array.isArray(policy.bindings) ? (policy.bindings as Binding[]) : [], member);
      if (bindings === null) return;
      await ask(withPolicy(await ready(grant.write, facts), { ...policy, bindings }), signal);
      return;
    } catch (error) {
      if (!isConflict(error) || tried >= tries) throw error;
      await world.pause(250 * 1.6 ** tried, signal);
    }
}

/** Takes it back, where what it was on may be gone. */
export async function takeBackIfThere(...args: Parameters<typeof takeBack>) {
  try {
    await takeBack(...args);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
  }
}

/** A bucket's policy is the whole body; everywhere else it stands in one. */
const withPolicy = (request: Ready, policy: Answer): Ready => ({
  ...request,
  body: request.api === "storage" ? policy : { ...(request.body as Answer | undefined), policy },
});
