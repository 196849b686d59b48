import type { Api, ApiRequest, IamMember, ManagedResource, Value } from "../stack.ts";
import { concat, type JsonObject, locationPath, project, type TextPart } from "./expressions.ts";

interface RegionalResource {
  id: string;
  api: Api;
  /** `services`, as in `projects.locations.services`. */
  collection: string;
  /** The parameter with its name, such as `serviceId`. */
  idParam: string;
  name: TextPart[];
  body: JsonObject;
  tells?: Record<string, string>;
}

/** Builds a regional resource with labels, as most of Google's APIs have them. */
export const regionalResource = ({
  id,
  api,
  collection,
  idParam,
  name,
  body,
  tells,
}: RegionalResource): ManagedResource => ({
  id,
  kind: "thing",
  create: {
    api,
    method: `projects.locations.${collection}.create`,
    params: { parent: concat(...locationPath), [idParam]: concat(...name) },
    body,
  },
  ...readAndDelete(api, collection, name),
  mark: "labels",
  ...(tells ? { tells } : {}),
});

/** Builds the requests that read and delete a regional resource. */
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

/** Reading a policy in an older version and writing it back would drop its conditions. */
const policyVersion = 3;

interface ResourceIamMember {
  id: string;
  api: Api;
  /** The collection of the resource, such as `projects.secrets`. */
  collection: string;
  name: TextPart[];
  role: string;
  member: Value;
}

/** Grants a role on one resource. */
export function iamMember({ id, api, collection, name, role, member }: ResourceIamMember): IamMember {
  const resource = concat(...name);
  return {
    id,
    kind: "grant",
    read: {
      api,
      method: `${collection}.getIamPolicy`,
      params: { resource, "options.requestedPolicyVersion": policyVersion },
    },
    write: { api, method: `${collection}.setIamPolicy`, params: { resource } },
    role,
    member,
  };
}

/** Grants a role on the project, whose policy is read by a request with a body. */
export function projectIamMember(id: string, role: string, member: Value): IamMember {
  const api = "cloudresourcemanager";
  const params = { resource: concat("projects/", project) };
  const body = { options: { requestedPolicyVersion: policyVersion } };
  const read: ApiRequest = { api, method: "projects.getIamPolicy", params, body };
  return { id, kind: "grant", read, write: { api, method: "projects.setIamPolicy", params }, role, member };
}

/** Grants a role on a bucket. */
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
