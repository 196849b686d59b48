import { allows, type Context, list, type Policy } from "./policy.ts";

export interface Role {
  name: string;
  arn: string;
  trust: Policy;
  inline: Policy[];
  managed: string[];
  boundary: string | null;
}

export interface Bucket {
  name: string;
  region: string;
  /** Newest last; a delete marker has no body. */
  versions: { key: string; id: string; body: Uint8Array | null }[];
}

/** What there is in one account besides stacks. */
export interface Account {
  id: string;
  regions: Set<string>;
  roles: Map<string, Role>;
  policies: Map<string, Policy>;
  /** OpenID Connect providers, by their ARN. */
  providers: Map<string, { url: string; audiences: string[] }>;
  buckets: Map<string, Bucket>;
  /** Everything that a stack made and nobody deleted: physical id to type. */
  things: Map<string, string>;
  /** What others share with this account, and addresses that are its own but not from Amazon. */
  foreign: { id: string; type: string; owner: string; pool: string }[];
  /** Quotas that are not the usual ones, as `service/code`; null: nobody can tell. */
  quotas: Map<string, number | null>;
}

export const newAccount = (id: string, regions: string[]): Account => ({
  id,
  regions: new Set(regions),
  roles: new Map(),
  policies: new Map(),
  providers: new Map(),
  buckets: new Map(),
  things: new Map(),
  foreign: [],
  quotas: new Map(),
});

/** Who asks: somebody with all rights in the account, or a session of a role, perhaps narrowed. */
export interface Caller {
  account: Account;
  arn: string;
  role: Role | null;
  session: Policy | null;
}

/** Whether this role may do this: its policies allow it, and its boundary does not keep it from it. */
export function roleMay({ policies }: Account, role: Role, action: string, resource: string, context: Context = {}) {
  const own = [...role.inline, ...role.managed.flatMap((arn) => list(policies.get(arn)))];
  const boundary = role.boundary === null ? null : policies.get(role.boundary);
  return (
    own.some((policy) => allows(policy, action, resource, context)) &&
    (boundary === null || (boundary !== undefined && allows(boundary, action, resource, context)))
  );
}

export const may = ({ account, role, session }: Caller, action: string, resource: string, context: Context = {}) =>
  role === null ||
  (roleMay(account, role, action, resource, context) &&
    (session === null || allows(session, action, resource, context)));
