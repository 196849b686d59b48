import { createHash, randomUUID } from "node:crypto";
import { exists, invalid, notFound } from "../errors.ts";
import { accountThere, type Call, drop, find, type Google, type Handler, put, refuse, stamp } from "../google.ts";
import { policyHandlers } from "../policies.ts";
import { freshEtag, listAt, type Project, type Thing, textAt } from "../project.ts";

export interface Version {
  name: string;
  generation: string;
}

const bucketName = (id: string) => `b/${id}`;

/** Buckets are found by their name alone; whose they are decides what happens. */
export function bucketIn(google: Google, id: string): { project: Project; thing: Thing } | null {
  for (const project of google.projects.values()) {
    const thing = project.things.get(`storage/${bucketName(id)}`);
    if (thing) return { project, thing };
  }
  return null;
}

function bucket(call: Call): Thing {
  const id = call.params.bucket ?? "";
  const found = bucketIn(call.google, id);
  if (found) return found.thing;
  if (call.google.strangersBuckets.has(id))
    refuse({
      status: 403,
      code: "forbidden",
      message: `${call.caller.email} does not have storage.buckets.get access to the Google Cloud Storage bucket. Permission 'storage.buckets.get' denied on resource (or it may not exist).`,
      reason: "forbidden",
    });
  return refuse(notFound("The specified bucket does not exist."));
}

const ownPolicy = (thing: Thing) => {
  thing.policy ??= { version: 1, etag: freshEtag(), bindings: [] };
  return thing;
};
const policies = policyHandlers((call) => ownPolicy(bucket(call)));
const withKind = (body: object) => ({ kind: "storage#policy", ...body });

const keys = (project: Project) => [...project.things.values()].filter(({ kind }) => kind === "hmacKey");
const key = (call: Call) =>
  find(call, `projects/${call.project.id}/hmacKeys/${call.params.accessId}`) ??
  refuse(notFound(`Access ID not found in project ${call.project.id}.`));
const mostKeys = 10;

export const storage: Record<string, Handler> = {
  "buckets.insert": (call) => {
    const { google, body, caller } = call;
    const id = textAt(body, "name");
    if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(id) || /goog/.test(id))
      refuse(invalid(`Invalid bucket name: '${id}'`));
    const found = bucketIn(google, id);
    if (found?.project === call.project)
      refuse(exists("Your previous request to create the named bucket succeeded and you already own it."));
    if (found || google.strangersBuckets.has(id))
      refuse(
        exists(
          "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        ),
      );
    const thing = put(
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
        timeCreated: stamp(google.now()),
        etag: freshEtag(),
        metageneration: "1",
      },
      { versions: [] },
    );
    thing.policy = {
      version: 1,
      etag: freshEtag(),
      bindings: [{ role: "roles/storage.legacyBucketOwner", members: [`user:${caller.email}`] }],
    };
    return { ...thing.body };
  },
  "buckets.get": (call) => ({ ...bucket(call).body }),
  "buckets.delete": (call) => {
    const thing = bucket(call);
    if (listAt(thing.hidden, "versions").length > 0)
      refuse({
        status: 409,
        code: "ABORTED",
        message: "The bucket you tried to delete is not empty.",
        reason: "conflict",
      });
    drop(call, thing.name);
    return null;
  },
  "buckets.getIamPolicy": (call) => withKind(policies.getIamPolicy(call)),
  "buckets.setIamPolicy": (call) => withKind(policies.setIamPolicy(call)),
  "objects.list": (call) => {
    const thing = bucket(call);
    const all = (listAt(thing.hidden, "versions") as Version[]).filter(
      (one, index, every) =>
        call.params.versions === "true" || every.findLastIndex(({ name }) => name === one.name) === index,
    );
    const size = Math.min(Number(call.params.maxResults ?? 1000), 1000);
    const from = Number(call.params.pageToken ?? 0);
    const page = all.slice(from, from + size);
    return {
      kind: "storage#objects",
      items: page.map((one) => ({ kind: "storage#object", bucket: textAt(thing.body, "name"), ...one })),
      ...(all.length > from + size ? { nextPageToken: `${from + size}` } : {}),
    };
  },
  "objects.delete": (call) => {
    const thing = bucket(call);
    const versions = listAt(thing.hidden, "versions") as Version[];
    const { object = "", generation } = call.params;
    const at = versions.findLastIndex((one) => one.name === object && (!generation || one.generation === generation));
    if (at < 0) refuse(notFound(`No such object: ${textAt(thing.body, "name")}/${object}`));
    versions.splice(at, 1);
    return null;
  },
  "projects.hmacKeys.create": (call) => {
    const { project, params, google } = call;
    const email = params.serviceAccountEmail ?? "";
    if (!accountThere(project, email)) refuse(notFound(`Service Account '${email}' not found.`));
    const forbids = project.constraints.get("iam.disableServiceAccountKeyCreation");
    if (forbids && "enforce" in forbids && forbids.enforce)
      refuse({
        status: 412,
        code: "FAILED_PRECONDITION",
        message: "Request violates constraint 'constraints/iam.disableServiceAccountKeyCreation'",
        reason: "conditionNotMet",
      });
    if (keys(project).filter(({ body }) => body.serviceAccountEmail === email).length >= mostKeys)
      refuse({
        status: 409,
        code: "ABORTED",
        message: `Service account has ${mostKeys} HMAC keys already.`,
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
      timeCreated: stamp(google.now()),
      updated: stamp(google.now()),
      etag: freshEtag(),
    };
    put(call, "hmacKey", `projects/${project.id}/hmacKeys/${accessId}`, metadata);
    return { kind: "storage#hmacKey", metadata, secret: hmacSecret(accessId) };
  },
  "projects.hmacKeys.get": (call) => ({ ...key(call).body }),
  "projects.hmacKeys.list": ({ project, params }) => ({
    kind: "storage#hmacKeysMetadata",
    items: keys(project)
      .map(({ body }) => body)
      .filter((one) => !params.serviceAccountEmail || one.serviceAccountEmail === params.serviceAccountEmail),
  }),
  "projects.hmacKeys.update": (call) => {
    const thing = key(call);
    Object.assign(thing.body, { state: textAt(call.body, "state"), etag: freshEtag() });
    return { ...thing.body };
  },
  "projects.hmacKeys.delete": (call) => {
    const thing = key(call);
    if (thing.body.state !== "INACTIVE") refuse(invalid(`Cannot delete keys in 'ACTIVE' state.`));
    drop(call, thing.name);
    return null;
  },
};

/** What a key opens: Google tells it once. */
export const hmacSecret = (accessId: string) => createHash("sha1").update(accessId).digest("base64");
