import type { Resource } from "../../../../app.ts";
import { bucketLine } from "../../prices.ts";
import type { IamMember, ManagedResource } from "../../stack.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { concat, outputRef, project, region, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { bucketName } from "../names.ts";
import { bucketIamMember } from "../resource-builders.ts";
import { hmacKeyStepName } from "../step-names.ts";
import { accountEmail, serviceAccountMember } from "./service-accounts.ts";

/** Builds a private bucket, whose objects cannot be made public. */
export function privateBucket({ app, settings }: CompileContext, name: TextPart[]): ManagedResource {
  const bucket = { bucket: concat(...name) };
  return {
    id: "bucket",
    kind: "thing",
    create: {
      api: "storage",
      method: "buckets.insert",
      params: { project: concat(project) },
      body: {
        name: concat(...name),
        location: concat(region),
        labels: resourceLabels(app),
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "enforced" },
        lifecycle: { rule: [{ action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } }] },
        ...(settings.deletionProtection
          ? { versioning: { enabled: true } }
          : // Soft delete would keep, and bill, deleted objects for another week.
            { softDeletePolicy: { retentionDurationSeconds: "0" } }),
      },
    },
    find: { api: "storage", method: "buckets.get", params: bucket },
    remove: { api: "storage", method: "buckets.delete", params: bucket },
    mark: "labels",
  };
}

/**
 * Grants access to the objects and to the bucket itself: many libraries start with `HEAD` on the bucket, which needs a role of its own.
 * https://cloud.google.com/storage/docs/access-control/iam-xml
 */
export const bucketAccess = (id: string, name: TextPart[], account: "run" | "keys"): IamMember[] => [
  bucketIamMember(id, name, "roles/storage.objectAdmin", serviceAccountMember(accountEmail(account))),
  bucketIamMember(`${id}-look`, name, "roles/storage.legacyBucketReader", serviceAccountMember(accountEmail(account))),
];

/** Compiles a bucket. Containers use it with their service account; an app that asks for keys gets an HMAC key with the same roles. */
export function bucket(context: CompileContext, resource: Resource): Omit<CompiledResource, "resource"> {
  const name = bucketName(context.app.slug, context.suffix(resource.name, "bucket"));
  const wantsKeys = Object.values(resource.env).some((value) => /\$\{(access_key_id|secret_key)\}/.test(value));
  return {
    steps: [
      {
        name: context.step(resource.name, "bucket"),
        title: `Bucket for ${resource.name}`,
        after: ["accounts"],
        resources: [
          privateBucket(context, name),
          ...bucketAccess("access", name, "run"),
          ...(wantsKeys ? bucketAccess("access-by-key", name, "keys") : []),
        ],
      },
    ],
    outputs: {
      bucket: { parts: name },
      name: { parts: name },
      region: { parts: [region] },
      endpoint: { parts: ["https://storage.googleapis.com"] },
      url: { parts: ["gs://", ...name] },
      ...(wantsKeys
        ? {
            access_key_id: { parts: [outputRef(hmacKeyStepName, "key", "accessId")], dependsOn: hmacKeyStepName },
            secret_key: { parts: [{ key: "secret" }], sensitive: true, dependsOn: hmacKeyStepName },
          }
        : {}),
    },
    ...(wantsKeys ? { hmacBucket: name } : {}),
    lines: [bucketLine(context.region, resource.name)],
  };
}
