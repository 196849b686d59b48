import type { App, Volume } from "../../../../app.ts";
import { bucketLine } from "../../prices.ts";
import type { CompileContext, StackFragment } from "../context.ts";
import { concat, type JsonObject, type TextPart } from "../expressions.ts";
import { bucketName, slugify, uniqueNames } from "../names.ts";
import { bucketAccess, privateBucket } from "../resources/cloud-storage.ts";

/** A bucket mounted as a persistent folder. */
export interface MountedBucket {
  /** The name of the volume in an instance. */
  name: string;
  bucket: TextPart[];
  step: string;
}

/** Compiles one bucket per volume name; services with the same name share it. */
export function volumeBuckets(context: CompileContext): {
  fragment: Required<StackFragment>;
  bucketFor: (volume: Volume) => MountedBucket | undefined;
} {
  const { app, region } = context;
  const uniqueName = uniqueNames(30);
  const buckets = new Map<string, MountedBucket>();
  const fragment: Required<StackFragment> = { steps: [], lines: [] };
  for (const { name } of volumes(app)) {
    if (buckets.has(name)) continue;
    const bucket = bucketName(app.slug, context.suffix(name, "files"));
    const step = context.step(name, "files");
    buckets.set(name, { name: uniqueName(`files-${slugify(name, 20)}`, "files"), bucket, step });
    fragment.lines.push(bucketLine(region, name));
    fragment.steps.push({
      name: step,
      title: `Bucket for the folder ${name}`,
      after: ["accounts"],
      resources: [privateBucket(context, bucket), ...bucketAccess("access", bucket, "run")],
    });
  }
  return { fragment: fragment, bucketFor: ({ name }) => buckets.get(name) };
}

export const volumes = ({ services }: App): Volume[] => services.flatMap((service) => service.volumes ?? []);

export const gcsVolume = ({ name, bucket }: MountedBucket): JsonObject => ({
  name,
  gcs: { bucket: concat(...bucket), readOnly: false, mountOptions: ["implicit-dirs", "file-mode=666", "dir-mode=777"] },
});
