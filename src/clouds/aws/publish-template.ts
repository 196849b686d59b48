import { createHash } from "node:crypto";
import type { Dependencies } from "./dependencies.ts";
import { clientConfig, requireKeys } from "./provision/api/assume-role.ts";
import { withRetry } from "./provision/api/retry.ts";
import { upload } from "./provision/api/template-upload.ts";

/** Puts a template into the operator's own bucket, under a name made of its content, and gives its address. */
export async function publishTemplate(world: Dependencies, bucket: string, text: string): Promise<string> {
  const { S3 } = await import("@aws-sdk/client-s3");
  const elsewhere = { forcePathStyle: world.endpoint !== undefined, followRegionRedirects: true };
  const s3 = new S3({ ...clientConfig(world, "us-east-1"), ...elsewhere, credentials: requireKeys(world) });
  const key = `templates/${createHash("sha256").update(text).digest("hex").slice(0, 40)}.json`;
  try {
    return await withRetry(world, () => upload(s3, bucket, key, text), { renew: () => {} });
  } finally {
    s3.destroy();
  }
}
