import type { S3 } from "@aws-sdk/client-s3";
import { belongings } from "./lent.ts";
import type { Setting } from "./setting.ts";
import { longestBody } from "./stack.ts";

const keyOf = (id: string) => `${id}.json`;

export const isLong = (text: string) => Buffer.byteLength(text) > longestBody;

/** The template as a request names it: its text, or, when that is too long, where it is in the visitor's own bucket. */
export async function document({
  account,
  lent,
  run,
  stop,
  template,
}: Pick<Setting, "account" | "lent" | "template"> & { run: { id: string }; stop?: AbortSignal }): Promise<
  { TemplateBody: string } | { TemplateURL: string }
> {
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

/** CloudFormation keeps a copy of its own; ours would be gone in a day. */
export async function forgetDocument({ account, lent, run, template }: Setting) {
  if (!isLong(JSON.stringify(template))) return;
  const asked = { Bucket: belongings(lent).bucket, Key: keyOf(run.id) };
  await account.s3((s3) => s3.deleteObject(asked));
}
