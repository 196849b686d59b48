import { createHash } from "node:crypto";
import type { Dependencies } from "./dependencies.ts";
import { clientConfig, requireKeys } from "./provision/api/assume-role.ts";
import { withRetry } from "./provision/api/retry.ts";
import { upload } from "./provision/api/template-upload.ts";

/** Uploads a template to the operator's bucket, under a hash of its content, and returns its URL. */
export async function publishTemplate(dependencies: Dependencies, bucket: string, text: string): Promise<string> {
  const { S3 } = await import("@aws-sdk/client-s3");
  const elsewhere = { forcePathStyle: dependencies.endpoint !== undefined, followRegionRedirects: true };
  const s3 = new S3({
    ...clientConfig(dependencies, "us-east-1"),
    ...elsewhere,
    credentials: requireKeys(dependencies),
  });
  const key = `templates/${createHash("sha256").update(text).digest("hex").slice(0, 40)}.json`;
  try {
    return await withRetry(dependencies, () => upload(s3, bucket, key, text), { renew: () => {} });
  } finally {
    s3.destroy();
  }
}
