import type { Resource as Needed } from "../../../../app.ts";
import { bucketLine } from "../../prices.ts";
import type { Grant, Thing } from "../../stack.ts";
import type { Data } from "../app-resources.ts";
import type { Setting } from "../context.ts";
import { type Part, project, region, text, told } from "../expressions.ts";
import { labels } from "../labels.ts";
import { bucketNamed } from "../names.ts";
import { bucketGrant } from "../resource-builders.ts";
import { keyStep } from "./hmac-keys.ts";
import { accountEmail, member } from "./service-accounts.ts";

/** A private bucket, whose objects nobody can open to the world. */
export function privateBucket({ app, settings }: Setting, name: Part[]): Thing {
  const bucket = { bucket: text(...name) };
  return {
    id: "bucket",
    kind: "thing",
    create: {
      api: "storage",
      method: "buckets.insert",
      params: { project: text(project) },
      body: {
        name: text(...name),
        location: text(region),
        labels: labels(app),
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "enforced" },
        lifecycle: { rule: [{ action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } }] },
        ...(settings.protect
          ? { versioning: { enabled: true } }
          : // What is deleted would be kept, and paid for, for another week.
            { softDeletePolicy: { retentionDurationSeconds: "0" } }),
      },
    },
    find: { api: "storage", method: "buckets.get", params: bucket },
    remove: { api: "storage", method: "buckets.delete", params: bucket },
    mark: "labels",
  };
}

/**
 * What is in it, and that it is there: many libraries begin with `HEAD` on the bucket, which takes a role of its own.
 * https://cloud.google.com/storage/docs/access-control/iam-xml
 */
export const mayUse = (id: string, name: Part[], account: "run" | "keys"): Grant[] => [
  bucketGrant(id, name, "roles/storage.objectAdmin", member(accountEmail(account))),
  bucketGrant(`${id}-look`, name, "roles/storage.legacyBucketReader", member(accountEmail(account))),
];

/** Containers reach it by their account; an app that asks for keys gets some that can do no more. */
export function bucket(setting: Setting, needed: Needed): Omit<Data, "needed"> {
  const name = bucketNamed(setting.app.slug, setting.suffix(needed.name, "bucket"));
  const wantsKeys = Object.values(needed.env).some((value) => /\$\{(access_key_id|secret_key)\}/.test(value));
  return {
    steps: [
      {
        name: setting.step(needed.name, "bucket"),
        title: `Bucket for ${needed.name}`,
        after: ["accounts"],
        resources: [
          privateBucket(setting, name),
          ...mayUse("access", name, "run"),
          ...(wantsKeys ? mayUse("access-by-key", name, "keys") : []),
        ],
      },
    ],
    tells: {
      bucket: { parts: name },
      name: { parts: name },
      region: { parts: [region] },
      endpoint: { parts: ["https://storage.googleapis.com"] },
      url: { parts: ["gs://", ...name] },
      ...(wantsKeys
        ? {
            access_key_id: { parts: [told(keyStep, "key", "accessId")], from: keyStep },
            secret_key: { parts: [{ key: "secret" }], hidden: true, from: keyStep },
          }
        : {}),
    },
    ...(wantsKeys ? { keyed: name } : {}),
    lines: [bucketLine(setting.region, needed.name)],
  };
}
