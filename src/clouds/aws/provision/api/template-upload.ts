import type { S3 } from "@aws-sdk/client-s3";
import { longestBody } from "../../cloudformation.ts";
import { belongings } from "../../role-names.ts";
import type { Setting } from "../run-context.ts";
import { isNamed } from "./retry.ts";

const keyOf = (id: string) => `${id}.json`;

export const isLong = (text: string) => Buffer.byteLength(text) > longestBody;

interface Laid extends Pick<Setting, "account" | "lent" | "template"> {
  run: { id: string };
  stop?: AbortSignal;
}

/** The template as a request names it: its text, or, when that is too long, where it is in the visitor's own bucket. */
export async function document({
  account,
  lent,
  run,
  stop,
  template,
}: Laid): Promise<{ TemplateBody: string } | { TemplateURL: string }> {
  const text = JSON.stringify(template);
  if (!isLong(text)) return { TemplateBody: text };
  const { bucket } = belongings(lent);
  return { TemplateURL: await account.s3((s3) => upload(s3, bucket, keyOf(run.id), text), stop) };
}

/** Puts a template where CloudFormation can read it, and gives its address. */
export async function upload(s3: S3, Bucket: string, Key: string, Body: string): Promise<string> {
  const { BucketRegion: region = "us-east-1" } = await s3.headBucket({ Bucket });
  await s3.putObject({ Bucket, Key, Body, ContentType: "application/json" });
  return `https://${Bucket}.s3.${region}.amazonaws.com/${Key}`;
}

/** CloudFormation keeps a copy of its own; ours would be gone in a day, and until then keep its bucket from going. */
export async function forgetDocument({ account, lent, run, template }: Laid) {
  if (!isLong(JSON.stringify(template))) return;
  const asked = { Bucket: belongings(lent).bucket, Key: keyOf(run.id) };
  try {
    await account.s3((s3) => s3.deleteObject(asked));
  } catch (error) {
    // The bucket is the visitor's, and may be gone before us.
    if (!isNamed(error, "NoSuchBucket", "AccessDenied")) throw error;
  }
}
