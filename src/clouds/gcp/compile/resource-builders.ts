import type { Api, ApiRequest, IamMember, ManagedResource, Value } from "../stack.ts";
import { concat, type JsonObject, locationPath, project, type TextPart } from "./expressions.ts";

interface Located {
  id: string;
  api: Api;
  /** `services`, as in `projects.locations.services`. */
  collection: string;
  /** The parameter that names it: `serviceId`. */
  key: string;
  name: TextPart[];
  body: JsonObject;
  tells?: Record<string, string>;
}

/** A thing in a region, as most of Google's APIs know them. */
export const regionalResource = ({ id, api, collection, key, name, body, tells }: Located): ManagedResource => ({
  id,
  kind: "thing",
  create: {
    api,
    method: `projects.locations.${collection}.create`,
    params: { parent: concat(...locationPath), [key]: concat(...name) },
    body,
  },
  ...readAndDelete(api, collection, name),
  mark: "labels",
  ...(tells ? { tells } : {}),
});

/** How a thing in a region is found again and taken away. */
export function readAndDelete(
  api: Api,
  collection: string,
  name: TextPart[],
): Pick<ManagedResource, "find" | "remove"> {
  const methods = `projects.locations.${collection}`;
  const params = { name: concat(...locationPath, `/${collection}/`, ...name) };
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
  name: TextPart[];
  role: string;
  member: Value;
}

/** A role on one thing. */
export function iamMember({ id, api, on, name, role, member }: Granted): IamMember {
  const resource = concat(...name);
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
export function projectIamMember(id: string, role: string, member: Value): IamMember {
  const api = "cloudresourcemanager";
  const params = { resource: concat("projects/", project) };
  const body = { options: { requestedPolicyVersion: policyVersion } };
  const read: ApiRequest = { api, method: "projects.getIamPolicy", params, body };
  return { id, kind: "grant", read, write: { api, method: "projects.setIamPolicy", params }, role, member };
}

/** A role on a bucket. */
export function bucketIamMember(id: string, name: TextPart[], role: string, member: Value): IamMember {
  const bucket = concat(...name);
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
