import { createHash, randomUUID } from "node:crypto";
import { exists, invalid, notFound } from "../errors.ts";
import {
  type Call,
  createResource,
  deleteResource,
  findResource,
  type Google,
  type Handler,
  hasServiceAccount,
  refuse,
  timestamp,
} from "../google.ts";
import { policyHandlers } from "../policies.ts";
import { freshEtag, listAt, type Project, type Resource, textAt } from "../project.ts";

export interface Version {
  name: string;
  generation: string;
}

const bucketName = (id: string) => `b/${id}`;

/** Finds a bucket by its global name, in any project. */
export function bucketIn(google: Google, id: string): { project: Project; bucket: Resource } | null {
  for (const project of google.projects.values()) {
    const bucket = project.resources.get(`storage/${bucketName(id)}`);
    if (bucket) return { project, bucket };
  }
  return null;
}

function requireBucket(call: Call): Resource {
  const id = call.params.bucket ?? "";
  const existing = bucketIn(call.google, id);
  if (existing) return existing.bucket;
  if (call.google.foreignBuckets.has(id))
    refuse({
      status: 403,
      code: "forbidden",
      message: `${call.caller.email} does not have storage.buckets.get access to the Google Cloud Storage bucket. Permission 'storage.buckets.get' denied on resource (or it may not exist).`,
      reason: "forbidden",
    });
  return refuse(notFound("The specified bucket does not exist."));
}

const withPolicy = (resource: Resource) => {
  resource.policy ??= { version: 1, etag: freshEtag(), bindings: [] };
  return resource;
};
const policies = policyHandlers((call) => withPolicy(requireBucket(call)));
const withKind = (body: object) => ({ kind: "storage#policy", ...body });

const keysOf = (project: Project) => [...project.resources.values()].filter(({ kind }) => kind === "hmacKey");
const requireKey = (call: Call) =>
  findResource(call, `projects/${call.project.id}/hmacKeys/${call.params.accessId}`) ??
  refuse(notFound(`Access ID not found in project ${call.project.id}.`));
const maxKeys = 10;

export const storage: Record<string, Handler> = {
  "buckets.insert": (call) => {
    const { google, body, caller } = call;
    const id = textAt(body, "name");
    if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(id) || /goog/.test(id))
      refuse(invalid(`Invalid bucket name: '${id}'`));
    const existing = bucketIn(google, id);
    if (existing?.project === call.project)
      refuse(exists("Your previous request to create the named bucket succeeded and you already own it."));
    if (existing || google.foreignBuckets.has(id))
      refuse(
        exists(
          "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        ),
      );
    const bucket = createResource(
      call,
      "bucket",
      bucketName(id),
      {
        ...body,
        kind: "storage#bucket",
        id,
        name: id,
        projectNumber: call.project.number,
        location: (textAt(body, "location") || "US").toUpperCase(),
        timeCreated: timestamp(google.now()),
        etag: freshEtag(),
        metageneration: "1",
      },
      { versions: [] },
    );
    bucket.policy = {
      version: 1,
      etag: freshEtag(),
      bindings: [{ role: "roles/storage.legacyBucketOwner", members: [`user:${caller.email}`] }],
    };
    return { ...bucket.body };
  },
  "buckets.get": (call) => ({ ...requireBucket(call).body }),
  "buckets.delete": (call) => {
    const bucket = requireBucket(call);
    if (listAt(bucket.internal, "versions").length > 0)
      refuse({
        status: 409,
        code: "ABORTED",
        message: "The bucket you tried to delete is not empty.",
        reason: "conflict",
      });
    deleteResource(call, bucket.name);
    return null;
  },
  "buckets.getIamPolicy": (call) => withKind(policies.getIamPolicy(call)),
  "buckets.setIamPolicy": (call) => withKind(policies.setIamPolicy(call)),
  "objects.list": (call) => {
    const bucket = requireBucket(call);
    const versions = (listAt(bucket.internal, "versions") as Version[]).filter(
      (version, index, allVersions) =>
        call.params.versions === "true" || allVersions.findLastIndex(({ name }) => name === version.name) === index,
    );
    const size = Math.min(Number(call.params.maxResults ?? 1000), 1000);
    const offset = Number(call.params.pageToken ?? 0);
    const page = versions.slice(offset, offset + size);
    return {
      kind: "storage#objects",
      items: page.map((version) => ({ kind: "storage#object", bucket: textAt(bucket.body, "name"), ...version })),
      ...(versions.length > offset + size ? { nextPageToken: `${offset + size}` } : {}),
    };
  },
  "objects.delete": (call) => {
    const bucket = requireBucket(call);
    const versions = listAt(bucket.internal, "versions") as Version[];
    const { object = "", generation } = call.params;
    const index = versions.findLastIndex(
      (version) => version.name === object && (!generation || version.generation === generation),
    );
    if (index < 0) refuse(notFound(`No such object: ${textAt(bucket.body, "name")}/${object}`));
    versions.splice(index, 1);
    return null;
  },
  "projects.hmacKeys.create": (call) => {
    const { project, params, google } = call;
    const email = params.serviceAccountEmail ?? "";
    if (!hasServiceAccount(project, email)) refuse(notFound(`Service Account '${email}' not found.`));
    const restriction = project.constraints.get("iam.disableServiceAccountKeyCreation");
    if (restriction && "enforce" in restriction && restriction.enforce)
      refuse({
        status: 412,
        code: "FAILED_PRECONDITION",
        message: "Request violates constraint 'constraints/iam.disableServiceAccountKeyCreation'",
        reason: "conditionNotMet",
      });
    if (keysOf(project).filter(({ body }) => body.serviceAccountEmail === email).length >= maxKeys)
      refuse({
        status: 409,
        code: "ABORTED",
        message: `Service account has ${maxKeys} HMAC keys already.`,
        reason: "conflict",
      });
    const accessId = `GOOG1E${randomUUID().replaceAll("-", "").toUpperCase()}`;
    const metadata = {
      kind: "storage#hmacKeyMetadata",
      id: `${project.id}/${accessId}`,
      accessId,
      projectId: project.id,
      serviceAccountEmail: email,
      state: "ACTIVE",
      timeCreated: timestamp(google.now()),
      updated: timestamp(google.now()),
      etag: freshEtag(),
    };
    createResource(call, "hmacKey", `projects/${project.id}/hmacKeys/${accessId}`, metadata);
    return { kind: "storage#hmacKey", metadata, secret: hmacSecret(accessId) };
  },
  "projects.hmacKeys.get": (call) => ({ ...requireKey(call).body }),
  "projects.hmacKeys.list": ({ project, params }) => ({
    kind: "storage#hmacKeysMetadata",
    items: keysOf(project)
      .map(({ body }) => body)
      .filter((metadata) => !params.serviceAccountEmail || metadata.serviceAccountEmail === params.serviceAccountEmail),
  }),
  "projects.hmacKeys.update": (call) => {
    const hmacKey = requireKey(call);
    Object.assign(hmacKey.body, { state: textAt(call.body, "state"), etag: freshEtag() });
    return { ...hmacKey.body };
  },
  "projects.hmacKeys.delete": (call) => {
    const hmacKey = requireKey(call);
    if (hmacKey.body.state !== "INACTIVE") refuse(invalid(`Cannot delete keys in 'ACTIVE' state.`));
    deleteResource(call, hmacKey.name);
    return null;
  },
};

/** Returns an HMAC key's secret, which Google shows only once. */
export const hmacSecret = (accessId: string) => createHash("sha1").update(accessId).digest("base64");
