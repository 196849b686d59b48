import { prefix, tagNames } from "../cloudformation.ts";
import { allow, iamPolicy } from "../iam-policy.ts";

// Every permission that a visitor lends, and to whom. docs/clouds/aws.md says the same in words.

const sub = (text: string) => ({ "Fn::Sub": text });
const arn = (service: string, resource: string, region = "*") =>
  sub(`arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${resource}`);
const bucket = (name: string) => sub(`arn:\${AWS::Partition}:s3:::${name}`);

const actions = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);

/** Tells whether there is room for a stack. None of these can be narrowed to a thing: they only count. */
export const quotaReadActions = [
  ...actions("ec2", "DescribeVpcs", "DescribeInternetGateways", "DescribeAddresses"),
  ...actions("servicequotas", "GetServiceQuota"),
];

/** What we may do ourselves: work on our stacks with that one service role, see how many stacks there are, empty buckets. */
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
    // To delete, never to read: a bucket that is not empty cannot be removed with its stack.
    allow(actions("s3", "ListBucketVersions", "DeleteObject", "DeleteObjectVersion"), bucket(`${prefix}*`)),
  );
};

const appIdentities = [arn("iam", `role/${prefix}*`, ""), arn("iam", `user/${prefix}*`, "")];
/** On everything that a stack of ours makes and that can have tags. */
const ownedByStack = { StringLike: { [`aws:ResourceTag/${tagNames.deployment}`]: "*" } };
const logGroups = arn("logs", `log-group:${prefix}*`);
const services = (...names: string[]) => names.map((name) => `${name}.amazonaws.com`);

/**
 * What CloudFormation may do for our stacks. Names tell what is ours where AWS makes them of the stack's; a role or
 * user it makes must have the boundary below, so that it cannot make one that may do more.
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
    // The groups that AWS itself has for everybody who names none.
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

/** The most that any role or user of an app may be allowed, whatever a template says. */
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
