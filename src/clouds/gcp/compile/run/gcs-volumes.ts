import type { App, Volume } from "../../../../app.ts";
import { bucketLine } from "../../prices.ts";
import type { CompileContext, StackFragment } from "../context.ts";
import { concat, type JsonObject, type TextPart } from "../expressions.ts";
import { bucketName, slugify, uniqueNames } from "../names.ts";
import { bucketAccess, privateBucket } from "../resources/cloud-storage.ts";

/** A folder that outlives its containers: a bucket that looks like one. */
export interface MountedBucket {
  /** What it is called inside an instance. */
  name: string;
  bucket: TextPart[];
  step: string;
}

/** Two services with a folder of one name share it. */
export function volumeBuckets(setting: CompileContext): {
  piece: Required<StackFragment>;
  of: (volume: Volume) => MountedBucket | undefined;
} {
  const { app, region } = setting;
  const free = uniqueNames(30);
  const all = new Map<string, MountedBucket>();
  const piece: Required<StackFragment> = { steps: [], lines: [] };
  for (const { name } of volumes(app)) {
    if (all.has(name)) continue;
    const bucket = bucketName(app.slug, setting.suffix(name, "files"));
    const step = setting.step(name, "files");
    all.set(name, { name: free(`files-${slugify(name, 20)}`, "files"), bucket, step });
    piece.lines.push(bucketLine(region, name));
    piece.steps.push({
      name: step,
      title: `Bucket for the folder ${name}`,
      after: ["accounts"],
      resources: [privateBucket(setting, bucket), ...bucketAccess("access", bucket, "run")],
    });
  }
  return { piece, of: ({ name }) => all.get(name) };
}

export const volumes = ({ services }: App): Volume[] => services.flatMap((one) => one.volumes ?? []);

export const gcsVolume = ({ name, bucket }: MountedBucket): JsonObject => ({
  name,
  gcs: { bucket: concat(...bucket), readOnly: false, mountOptions: ["implicit-dirs", "file-mode=666", "dir-mode=777"] },
});
