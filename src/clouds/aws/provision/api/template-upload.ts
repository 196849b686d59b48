import type { S3 } from "@aws-sdk/client-s3";
import { maxTemplateBytes, type Template } from "../../cloudformation.ts";
import type { RoleAccess } from "../../role-access.ts";
import { roleResources } from "../../role-names.ts";
import type { AccountClients } from "./clients.ts";
import { hasErrorName } from "./retry.ts";

const objectKey = (id: string) => `${id}.json`;

export const exceedsInlineLimit = (text: string) => Buffer.byteLength(text) > maxTemplateBytes;

interface UploadContext {
  clients: AccountClients;
  access: RoleAccess;
  template: Template;
  run: { id: string };
}

/** Returns the template as a request takes it: inline or, if it is too long, uploaded to the visitor's bucket. */
export async function templateArgument({
  clients,
  access,
  run,
  template,
}: UploadContext): Promise<{ TemplateBody: string } | { TemplateURL: string }> {
  const text = JSON.stringify(template);
  if (!exceedsInlineLimit(text)) return { TemplateBody: text };
  const { bucket } = roleResources(access);
  return { TemplateURL: await clients.s3((s3) => upload(s3, bucket, objectKey(run.id), text)) };
}

/** Uploads a template and returns its URL. */
export async function upload(s3: S3, Bucket: string, Key: string, Body: string): Promise<string> {
  const { BucketRegion: region = "us-east-1" } = await s3.headBucket({ Bucket });
  await s3.putObject({ Bucket, Key, Body, ContentType: "application/json" });
  return `https://${Bucket}.s3.${region}.amazonaws.com/${Key}`;
}

/** Deletes the uploaded template, since CloudFormation keeps a copy and a bucket with objects cannot be deleted. */
export async function deleteUploadedTemplate({ clients, access, run, template }: UploadContext) {
  if (!exceedsInlineLimit(JSON.stringify(template))) return;
  const input = { Bucket: roleResources(access).bucket, Key: objectKey(run.id) };
  try {
    await clients.s3((s3) => s3.deleteObject(input));
  } catch (error) {
    // The visitor may have deleted the bucket.
    if (!hasErrorName(error, "NoSuchBucket", "AccessDenied")) throw error;
  }
}
