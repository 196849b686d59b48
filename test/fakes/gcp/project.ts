import type { Body } from "./discovery.ts";

// Projects and their resources.

export interface Policy {
  version?: number;
  etag: string;
  bindings: { role: string; members: string[]; condition?: object }[];
}

export interface Resource {
  api: string;
  kind: string;
  /** The resource name, unique in its API: `projects/P/locations/R/services/S`. */
  name: string;
  body: Body;
  policy: Policy | null;
  since: number;
  /** State that the API does not return. */
  internal: Body;
}

export interface Project {
  id: string;
  number: string;
  displayName: string;
  billing: string | null;
  /** When each enabled service finishes propagating. */
  enabled: Map<string, number>;
  policy: Policy;
  /** Permissions that no one has here. */
  denied: Set<string>;
  /** Organization policies in effect: enforced, or a list of allowed or denied values. */
  constraints: Map<string, { enforce: boolean } | { allow: string[] } | { deny: string[] }>;
  /** `api/name` */
  resources: Map<string, Resource>;
  /** When the name of a deleted resource becomes available again. */
  reservedNames: Map<string, number>;
  regions: Set<string>;
}

let etags = 0;
export const freshEtag = () => Buffer.from(`etag${++etags}`).toString("base64");

export function newProject(id: string, number: string, owner: string): Project {
  return {
    id,
    number,
    displayName: id,
    billing: "billingAccounts/012345-6789AB-CDEF01",
    enabled: new Map(),
    policy: { version: 1, etag: freshEtag(), bindings: [{ role: "roles/owner", members: [`user:${owner}`] }] },
    denied: new Set(),
    constraints: new Map(),
    resources: new Map(),
    reservedNames: new Map(),
    regions: new Set(["us-central1", "us-east1", "europe-west1", "europe-west3", "asia-south1", "asia-southeast1"]),
  };
}

export const keyOf = (api: string, name: string) => `${api}/${name}`;

/** Returns the value at a path such as `a.b.c`. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const part of path === "" ? [] : path.split(".")) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Body)[part];
  }
  return current;
}
export const textAt = (value: unknown, path: string): string => {
  const inner = valueAt(value, path);
  return inner === undefined || inner === null ? "" : `${inner}`;
};
export const listAt = (value: unknown, path: string): unknown[] => {
  const inner = valueAt(value, path);
  return Array.isArray(inner) ? inner : [];
};

/** Whether a policy grants a role to a member. */
export const hasBinding = (policy: Policy | null, role: string, member: string): boolean =>
  policy?.bindings.some((binding) => binding.role === role && binding.members.includes(member)) ?? false;
