import { prefix, tagNames } from "../cloudformation.ts";
import { allow, iamPolicy } from "../iam-policy.ts";

// Every permission that a visitor grants. docs/clouds/aws.md explains them.

const sub = (text: string) => ({ "Fn::Sub": text });
const arn = (service: string, resource: string, region = "*") =>
  sub(`arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${resource}`);
const bucket = (name: string) => sub(`arn:\${AWS::Partition}:s3:::${name}`);

const actions = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);

/** Permissions to count existing resources. IAM cannot restrict any of these to a resource. */
export const quotaReadActions = [
  ...actions("ec2", "DescribeVpcs", "DescribeInternetGateways", "DescribeAddresses"),
  ...actions("servicequotas", "GetServiceQuota"),
];

/** The policy of our own role: work on our stacks with that one service role, count stacks, and empty buckets. */
export const slipwayRolePolicy = (name: string) => {
  const stacksRole = arn("iam", `role/${name}-stacks`, "");
  const stacks = arn("cloudformation", `stack/${prefix}*/*`);
  const templates = `${name}-\${AWS::AccountId}`;
  return iamPolicy(
    allow(actions("cloudformation", "CreateStack", "UpdateStack"), stacks, {
      StringEquals: { "cloudformation:RoleArn": stacksRole },
    }),
    allow(
      actions(
        "cloudformation",
        "DeleteStack",
        "DescribeStacks",
        "DescribeStackEvents",
        "ListStackResources",
        "TagResource",
      ),
      stacks,
    ),
    allow(
      [...actions("cloudformation", "ValidateTemplate", "DescribeAccountLimits", "ListStacks"), ...quotaReadActions],
      "*",
    ),
    allow("iam:PassRole", stacksRole, { StringEquals: { "iam:PassedToService": "cloudformation.amazonaws.com" } }),
    allow(actions("s3", "ListBucket"), bucket(templates)),
    allow(actions("s3", "PutObject", "GetObject", "DeleteObject"), bucket(`${templates}/*`)),
    // Allows deleting objects but not reading them: a bucket must be empty before its stack can be deleted.
    allow(actions("s3", "ListBucketVersions", "DeleteObject", "DeleteObjectVersion"), bucket(`${prefix}*`)),
  );
};

const appIdentities = [arn("iam", `role/${prefix}*`, ""), arn("iam", `user/${prefix}*`, "")];
/** Matches every resource that our stacks create and that can have tags. */
const ownedByStack = { StringLike: { [`aws:ResourceTag/${tagNames.deployment}`]: "*" } };
const logGroups = arn("logs", `log-group:${prefix}*`);
const services = (...names: string[]) => names.map((name) => `${name}.amazonaws.com`);

/**
 * The policy of the role that CloudFormation assumes for our stacks. Where AWS names a resource after its stack, the
 * name restricts it. A role or user must have the permissions boundary below, so that no stack can create one with more
 * permissions.
 */
export const cloudFormationRolePolicy = (name: string) =>
  iamPolicy(
    allow(
      [
        ...actions("ec2", "Describe*", "Create*", "Delete*", "Modify*", "Associate*", "Disassociate*", "ReplaceRoute*"),
        ...actions("ec2", "AttachInternetGateway", "DetachInternetGateway", "AllocateAddress", "ReleaseAddress"),
        ...actions("ec2", "AuthorizeSecurityGroup*", "RevokeSecurityGroup*", "GetManagedPrefixListEntries"),
        ...["elasticloadbalancing:*", "ecs:*", "servicediscovery:*", "application-autoscaling:*", "elasticache:*"],
        ...["cloudfront:*", "scheduler:*"],
        ...actions("acm", "RequestCertificate", "DescribeCertificate", "DeleteCertificate", "*TagsToCertificate"),
        ...actions("acm", "ListTagsForCertificate", "RemoveTagsFromCertificate"),
        ...actions("route53", "Get*", "List*", "ChangeResourceRecordSets"),
        ...actions("cloudwatch", "PutMetricAlarm", "DeleteAlarms", "DescribeAlarms"),
        ...actions("rds", "Describe*", "ListTagsForResource"),
        ...actions("logs", "DescribeLogGroups", "ListTagsForResource"),
        ...actions("kms", "DescribeKey", "CreateGrant", "Decrypt", "GenerateDataKey*"),
        ...["secretsmanager:GetRandomPassword", "ecr:GetAuthorizationToken"],
      ],
      "*",
    ),
    allow("rds:*", arn("rds", `*:${prefix}*`)),
    // The default groups, which AWS uses if none is named.
    allow(actions("rds", "CreateDBInstance", "ModifyDBInstance"), [
      arn("rds", "og:default*"),
      arn("rds", "pg:default*"),
    ]),
    allow(actions("secretsmanager", "CreateSecret", "TagResource"), arn("secretsmanager", "secret:*")),
    allow("secretsmanager:*", arn("secretsmanager", "secret:*"), ownedByStack),
    allow("logs:*", logGroups),
    allow("ecr:*", arn("ecr", `repository/${prefix}*`)),
    allow("codebuild:*", arn("codebuild", `project/${prefix}*`)),
    allow("lambda:*", arn("lambda", `function:${prefix}*`)),
    allow("s3:*", bucket(`${prefix}*`)),
    allow(
      [
        ...actions("iam", "CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"),
        ...actions("iam", "CreateUser", "PutUserPolicy", "DeleteUserPolicy"),
      ],
      appIdentities,
      { StringEquals: { "iam:PermissionsBoundary": arn("iam", `policy/${name}-apps`, "") } },
    ),
    allow(
      [
        ...actions(
          "iam",
          "Get*",
          "List*",
          "DeleteRole",
          "TagRole",
          "UntagRole",
          "UpdateRole*",
          "UpdateAssumeRolePolicy",
        ),
        ...actions(
          "iam",
          "DeleteUser",
          "TagUser",
          "UntagUser",
          "CreateAccessKey",
          "DeleteAccessKey",
          "UpdateAccessKey",
        ),
      ],
      appIdentities,
    ),
    allow("iam:PassRole", appIdentities, {
      StringEquals: { "iam:PassedToService": services("ecs-tasks", "ecs", "lambda", "codebuild", "scheduler") },
    }),
    allow("iam:CreateServiceLinkedRole", "*", {
      StringLike: {
        "iam:AWSServiceName": services("ecs", "elasticloadbalancing", "rds", "elasticache", "*autoscaling"),
      },
    }),
  );

/** The permissions boundary for every role and user of an app's stack; no template can grant more. */
export const appPermissionsBoundary = iamPolicy(
  allow(actions("ecr", "GetAuthorizationToken"), "*"),
  allow(actions("ecs", "RunTask", "StopTask", "DescribeTasks"), [
    arn("ecs", `task-definition/${prefix}*`),
    arn("ecs", `task/${prefix}*`),
  ]),
  allow("iam:PassRole", appIdentities, { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }),
  allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"), ownedByStack),
  allow(actions("logs", "CreateLogStream", "PutLogEvents", "GetLogEvents"), logGroups),
  allow("ecr:*", arn("ecr", `repository/${prefix}*`)),
  allow("s3:*", bucket(`${prefix}*`)),
  allow(actions("codebuild", "StartBuild", "StopBuild", "BatchGetBuilds"), arn("codebuild", `project/${prefix}*`)),
  allow("lambda:InvokeFunction", arn("lambda", `function:${prefix}*`)),
);
