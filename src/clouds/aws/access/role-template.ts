import { prefix } from "../cloudformation.ts";
import { audience, type TrustMethod } from "../dependencies.ts";
import { rolePrefix } from "../role-names.ts";
import { appPermissionsBoundary, cloudFormationRolePolicy, slipwayRolePolicy } from "./iam-policies.ts";

export interface RoleTemplateInputs {
  trust: TrustMethod;
  /** The origin of this Slipway, and the issuer of its tokens. */
  origin: string;
  /** The operator's account id, for the trust method `role`. */
  operator?: string;
}

const sub = (text: string) => ({ "Fn::Sub": text });
const getArn = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const name = `${rolePrefix}\${Visitor}`;
const document = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });

/** Returns the template with which a visitor grants access. Deleting its stack revokes it. */
export function roleTemplate(inputs: RoleTemplateInputs) {
  const { origin, trust: way } = inputs;
  const hour = 3600;
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Lends Slipway at ${origin} a role that may work on stacks called ${prefix}... and on nothing else. Delete this stack to take it back.`,
    Parameters: {
      Visitor: {
        Type: "String",
        Description: `Who you are to this Slipway, as ${origin}/connect/aws says. Only when it acts for you does the role let it in.`,
        AllowedPattern: "^[a-z2-7]{24}$",
        ConstraintDescription: `24 letters and digits, copied from ${origin}/connect/aws`,
      },
      ...(way === "oidc"
        ? {
            Issuer: {
              Type: "String",
              Description: "existing: your account already knows this Slipway from an earlier stack like this",
              Default: "new",
              AllowedValues: ["new", "existing"],
            },
          }
        : {}),
    },
    ...(way === "oidc" ? { Conditions: { IssuerIsNew: { "Fn::Equals": [{ Ref: "Issuer" }, "new"] } } } : {}),
    Resources: {
      ...(way === "oidc" ? { Provider: provider(origin) } : {}),
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: sub(name),
          Description: `What Slipway at ${origin} may do itself`,
          MaxSessionDuration: hour,
          AssumeRolePolicyDocument: document(trustStatement(inputs)),
          Policies: [{ PolicyName: "stacks-of-slipway", PolicyDocument: slipwayRolePolicy(name) }],
        },
      },
      Most: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          ManagedPolicyName: sub(`${name}-stacks`),
          Description: "What CloudFormation may do for stacks of Slipway, and the most it may ever be allowed",
          PolicyDocument: cloudFormationRolePolicy(name),
        },
      },
      Apps: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          ManagedPolicyName: sub(`${name}-apps`),
          Description: "The most that a role of an app may ever be allowed",
          PolicyDocument: appPermissionsBoundary,
        },
      },
      StacksRole: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: sub(`${name}-stacks`),
          Description: "What CloudFormation may do for stacks of Slipway",
          AssumeRolePolicyDocument: document({
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "cloudformation.amazonaws.com" },
          }),
          ManagedPolicyArns: [{ Ref: "Most" }],
          PermissionsBoundary: { Ref: "Most" },
        },
      },
      Templates: {
        Type: "AWS::S3::Bucket",
        Properties: {
          BucketName: sub(`${name}-\${AWS::AccountId}`),
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
          },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          LifecycleConfiguration: { Rules: [{ Id: "gone-in-a-day", Status: "Enabled", ExpirationInDays: 1 }] },
        },
      },
    },
    Outputs: {
      RoleArn: { Description: "Paste this into Slipway; your account id does as well", Value: getArn("Role") },
    },
  };
}

/** AWS fetches our public keys from this URL, so no secret is exchanged. */
const provider = (origin: string) => ({
  Type: "AWS::IAM::OIDCProvider",
  Condition: "IssuerIsNew",
  Properties: { Url: origin, ClientIdList: [audience] },
});

/** Returns the trust policy's statement: only we may assume the role, and only for this visitor. */
function trustStatement({ trust: way, origin, operator }: RoleTemplateInputs) {
  if (way === "role")
    return {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { AWS: operator },
      Condition: { StringEquals: { "sts:ExternalId": { Ref: "Visitor" } } },
    };
  const { host } = new URL(origin);
  return {
    Effect: "Allow",
    Action: "sts:AssumeRoleWithWebIdentity",
    Principal: { Federated: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:oidc-provider/${host}`) },
    Condition: { StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: { Ref: "Visitor" } } },
  };
}
