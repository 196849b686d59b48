import type { Resource as Needed } from "../../../../app.ts";
import type { Resource } from "../../cloudformation.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { fnJoin, getAtt, ref, sub } from "../intrinsics.ts";
import { bucketLine } from "../price-lines.ts";
import { tags } from "../tags.ts";
import { permissionsBoundary, policyDocument, type Statement } from "./iam-roles.ts";

/** A private S3 bucket. Tasks reach it by their role; an app that needs keys gets a user with the same permissions. */
export function bucket(context: CompileContext, resource: Needed, id: string): Omit<CompiledResource, "resource"> {
  const { app, region, settings } = context;
  const name = `${id}Bucket`;
  const arn = getAtt(name, "Arn");
  const deletionPolicy = settings.deletionProtection ? "RetainExceptOnCreate" : "Delete";
  const taskStatements: Statement[] = [
    { actions: ["s3:ListBucket", "s3:GetBucketLocation"], resource: arn },
    {
      actions: [
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
      ],
      resource: fnJoin([arn, "/*"]),
    },
  ];
  const needsAccessKey = Object.values(resource.env).some((text) => /\$\{(access_key_id|secret_key)\}/.test(text));
  const accessKey: Record<string, Resource> = {
    [`${id}User`]: {
      Type: "AWS::IAM::User",
      Properties: {
        PermissionsBoundary: permissionsBoundary,
        Policies: [{ PolicyName: "least", PolicyDocument: policyDocument(taskStatements) }],
        Tags: tags(app),
      },
    },
    [`${id}AccessKey`]: { Type: "AWS::IAM::AccessKey", Properties: { UserName: ref(`${id}User`) } },
  };
  return {
    step: { name: resource.name, title: `S3 bucket for ${resource.name}` },
    resources: {
      [name]: {
        Type: "AWS::S3::Bucket",
        DeletionPolicy: deletionPolicy,
        UpdateReplacePolicy: "Retain",
        Properties: {
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
          },
          // Uploads with a public ACL succeed, as apps expect, but stay private.
          OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: false,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
          ...(settings.deletionProtection ? { VersioningConfiguration: { Status: "Enabled" } } : {}),
          LifecycleConfiguration: {
            Rules: [
              { Id: "unfinished", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
            ],
          },
          Tags: tags(app),
        },
      },
      [`${id}Policy`]: {
        Type: "AWS::S3::BucketPolicy",
        Properties: {
          Bucket: ref(name),
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [arn, fnJoin([arn, "/*"])],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
              },
            ],
          },
        },
      },
      ...(needsAccessKey ? accessKey : {}),
    },
    attributes: {
      bucket: { value: ref(name) },
      name: { value: ref(name) },
      region: { value: ref("AWS::Region") },
      endpoint: { value: sub("https://s3.${AWS::Region}.${AWS::URLSuffix}") },
      url: { value: fnJoin(["s3://", ref(name)]) },
      ...(needsAccessKey
        ? {
            access_key_id: { value: ref(`${id}AccessKey`) },
            secret_key: { value: getAtt(`${id}AccessKey`, "SecretAccessKey"), sensitive: true },
          }
        : {}),
    },
    taskStatements,
    lines: [bucketLine(region, resource.name)],
  };
}
