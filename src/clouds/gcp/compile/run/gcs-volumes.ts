import type { App, Volume } from "../../../../app.ts";
import { bucketLine } from "../../prices.ts";
import type { Piece, Setting } from "../context.ts";
import { type Fields, type Part, text } from "../expressions.ts";
import { bucketNamed, dashed, namer } from "../names.ts";
import { mayUse, privateBucket } from "../resources/cloud-storage.ts";

/** A folder that outlives its containers: a bucket that looks like one. */
export interface Folder {
  /** What it is called inside an instance. */
  name: string;
  bucket: Part[];
  step: string;
}

/** Two services with a folder of one name share it. */
export function folders(setting: Setting): { piece: Required<Piece>; of: (volume: Volume) => Folder | undefined } {
  const { app, region } = setting;
  const free = namer(30);
  const all = new Map<string, Folder>();
  const piece: Required<Piece> = { steps: [], lines: [] };
  for (const { name } of volumes(app)) {
    if (all.has(name)) continue;
    const bucket = bucketNamed(app.slug, setting.suffix(name, "files"));
    const step = setting.step(name, "files");
    all.set(name, { name: free(`files-${dashed(name, 20)}`, "files"), bucket, step });
    piece.lines.push(bucketLine(region, name));
    piece.steps.push({
      name: step,
      title: `Bucket for the folder ${name}`,
      after: ["accounts"],
      resources: [privateBucket(setting, bucket), ...mayUse("access", bucket, "run")],
    });
  }
  return { piece, of: ({ name }) => all.get(name) };
}

export const volumes = ({ services }: App): Volume[] => services.flatMap((one) => one.volumes ?? []);

export const mounted = ({ name, bucket }: Folder): Fields => ({
  name,
  gcs: { bucket: text(...bucket), readOnly: false, mountOptions: ["implicit-dirs", "file-mode=666", "dir-mode=777"] },
});
