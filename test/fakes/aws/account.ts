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

/** The contents of one account, apart from its stacks. */
export interface Account {
  id: string;
  regions: Set<string>;
  roles: Map<string, Role>;
  policies: Map<string, Policy>;
  /** OpenID Connect providers, by their ARN. */
  providers: Map<string, { url: string; audiences: string[] }>;
  buckets: Map<string, Bucket>;
  /** Resources that stacks created and nothing has deleted yet: physical id to type. */
  resources: Map<string, string>;
  /** Resources that other accounts share with this one, and addresses that Amazon did not provide. */
  foreign: { id: string; type: string; owner: string; pool: string }[];
  /** Quotas that differ from the default, as `service/code`; null if unknown. */
  quotas: Map<string, number | null>;
}

export const newAccount = (id: string, regions: string[]): Account => ({
  id,
  regions: new Set(regions),
  roles: new Map(),
  policies: new Map(),
  providers: new Map(),
  buckets: new Map(),
  resources: new Map(),
  foreign: [],
  quotas: new Map(),
});

/** The caller: an administrator, or a session of a role, which a session policy may restrict. */
export interface Caller {
  account: Account;
  arn: string;
  role: Role | null;
  session: Policy | null;
}

/** Whether a role's policies and its boundary allow an action. */
export function roleMay({ policies }: Account, role: Role, action: string, resource: string, context: Context = {}) {
  const identityPolicies = [...role.inline, ...role.managed.flatMap((arn) => list(policies.get(arn)))];
  const boundary = role.boundary === null ? null : policies.get(role.boundary);
  return (
    identityPolicies.some((policy) => allows(policy, action, resource, context)) &&
    (boundary === null || (boundary !== undefined && allows(boundary, action, resource, context)))
  );
}

export const may = ({ account, role, session }: Caller, action: string, resource: string, context: Context = {}) =>
  role === null ||
  (roleMay(account, role, action, resource, context) &&
    (session === null || allows(session, action, resource, context)));
