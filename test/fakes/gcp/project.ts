import type { Body } from "./discovery.ts";

// What exists at Google: projects, and in each everything that was made there.

export interface Policy {
  version?: number;
  etag: string;
  bindings: { role: string; members: string[]; condition?: object }[];
}

export interface Thing {
  api: string;
  kind: string;
  /** As the API names it, and unique with its API: `projects/P/locations/R/services/S`. */
  name: string;
  body: Body;
  policy: Policy | null;
  /** When it was made. */
  since: number;
  /** Known to the fake alone. */
  hidden: Body;
}

export interface Project {
  id: string;
  number: string;
  displayName: string;
  billing: string | null;
  /** Services that are on, and since when their being on has been known everywhere. */
  enabled: Map<string, number>;
  policy: Policy;
  /** What nobody may do here. */
  denied: Set<string>;
  /** Organisation policies in effect: a boolean one is enforced, a list one denies all but these values. */
  constraints: Map<string, { enforce: boolean } | { allow: string[] } | { deny: string[] }>;
  /** `api/name` */
  things: Map<string, Thing>;
  /** Names that are not free again yet, and until when. */
  taken: Map<string, number>;
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
    things: new Map(),
    taken: new Map(),
    regions: new Set(["us-central1", "us-east1", "europe-west1", "europe-west3", "asia-south1", "asia-southeast1"]),
  };
}

export const keyOf = (api: string, name: string) => `${api}/${name}`;

/** What an object holds at `a.b.c`. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const part of path === "" ? [] : path.split(".")) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Body)[part];
  }
  return current;
}
export const textAt = (value: unknown, path: string): string => {
  const inner = at(value, path);
  return inner === undefined || inner === null ? "" : `${inner}`;
};
export const listAt = (value: unknown, path: string): unknown[] => {
  const inner = at(value, path);
  return Array.isArray(inner) ? inner : [];
};

/** Everyone who has a role on something, as policies name them. */
export const has = (policy: Policy | null, role: string, member: string): boolean =>
  policy?.bindings.some((binding) => binding.role === role && binding.members.includes(member)) ?? false;
