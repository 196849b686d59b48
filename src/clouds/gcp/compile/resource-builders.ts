import type { Api, Grant, Request, Thing, Value } from "../stack.ts";
import { type Fields, type Part, place, project, text } from "./expressions.ts";

interface Located {
  id: string;
  api: Api;
  /** `services`, as in `projects.locations.services`. */
  collection: string;
  /** The parameter that names it: `serviceId`. */
  key: string;
  name: Part[];
  body: Fields;
  tells?: Record<string, string>;
}

/** A thing in a region, as most of Google's APIs know them. */
export const located = ({ id, api, collection, key, name, body, tells }: Located): Thing => ({
  id,
  kind: "thing",
  create: {
    api,
    method: `projects.locations.${collection}.create`,
    params: { parent: text(...place), [key]: text(...name) },
    body,
  },
  ...lookedAfter(api, collection, name),
  mark: "labels",
  ...(tells ? { tells } : {}),
});

/** How a thing in a region is found again and taken away. */
export function lookedAfter(api: Api, collection: string, name: Part[]): Pick<Thing, "find" | "remove"> {
  const methods = `projects.locations.${collection}`;
  const params = { name: text(...place, `/${collection}/`, ...name) };
  return {
    find: { api, method: `${methods}.get`, params },
    remove: { api, method: `${methods}.delete`, params },
  };
}

/** The newest form of a policy: read as an older one, its conditions would be lost when it is written. */
const policyVersion = 3;

interface Granted {
  id: string;
  api: Api;
  /** `projects.secrets`: what has the policy. */
  on: string;
  name: Part[];
  role: string;
  member: Value;
}

/** A role on one thing. */
export function grant({ id, api, on, name, role, member }: Granted): Grant {
  const resource = text(...name);
  return {
    id,
    kind: "grant",
    read: {
      api,
      method: `${on}.getIamPolicy`,
      params: { resource, "options.requestedPolicyVersion": policyVersion },
    },
    write: { api, method: `${on}.setIamPolicy`, params: { resource } },
    role,
    member,
  };
}

/** A role in the whole project; reading its policy takes a body. */
export function projectGrant(id: string, role: string, member: Value): Grant {
  const api = "cloudresourcemanager";
  const params = { resource: text("projects/", project) };
  const body = { options: { requestedPolicyVersion: policyVersion } };
  const read: Request = { api, method: "projects.getIamPolicy", params, body };
  return { id, kind: "grant", read, write: { api, method: "projects.setIamPolicy", params }, role, member };
}

/** A role on a bucket. */
export function bucketGrant(id: string, name: Part[], role: string, member: Value): Grant {
  const bucket = text(...name);
  return {
    id,
    kind: "grant",
    read: {
      api: "storage",
      method: "buckets.getIamPolicy",
      params: { bucket, optionsRequestedPolicyVersion: policyVersion },
    },
    write: { api: "storage", method: "buckets.setIamPolicy", params: { bucket } },
    role,
    member,
  };
}
