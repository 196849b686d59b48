import { prefix } from "./stack.ts";

// Every permission that a visitor lends, and to whom. docs/clouds/aws.md says the same in words.

const sub = (text: string) => ({ "Fn::Sub": text });
const arn = (service: string, rest: string, region = "*") =>
  sub(`arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${rest}`);
const bucket = (name: string) => sub(`arn:\${AWS::Partition}:s3:::${name}`);

type Where = object | string | (object | string)[];
const allow = (Action: string | string[], Resource: Where, Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});
const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const of = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);

/** What we may do ourselves: work on our stacks with that one service role, see how many stacks there are, empty buckets. */
export const lentPolicy = (name: string) => {
  const stacksRole = arn("iam", `role/${name}-stacks`, "");
  const stacks = arn("cloudformation", `stack/${prefix}*/*`);
  const templates = `${name}-\${AWS::AccountId}`;
  return policy(
    allow(of("cloudformation", "CreateStack", "UpdateStack"), stacks, {
      StringEquals: { "cloudformation:RoleArn": stacksRole },
    }),
    allow(of("cloudformation", "DeleteStack", "DescribeStacks", "DescribeStackEvents", "ListStackResources"), stacks),
    allow(of("cloudformation", "ValidateTemplate", "DescribeAccountLimits", "ListStacks"), "*"),
    allow("iam:PassRole", stacksRole, { StringEquals: { "iam:PassedToService": "cloudformation.amazonaws.com" } }),
    allow(of("s3", "ListBucket"), bucket(templates)),
    allow(of("s3", "PutObject", "GetObject", "DeleteObject"), bucket(`${templates}/*`)),
    // To delete, never to read: a bucket that is not empty cannot be removed with its stack.
    allow(of("s3", "ListBucketVersions", "DeleteObject", "DeleteObjectVersion"), bucket(`${prefix}*`)),
  );
};

const appRoles = arn("iam", `role/${prefix}*`, "");

/**
 * What CloudFormation may do for our stacks. Names tell what is ours where AWS lets a stack choose them; a role it
 * makes must have the boundary below, so that it cannot make one that may do more.
 */
export const stacksPolicy = (name: string) =>
  policy(
    allow(
      [
        ...of(
          "ec2",
          "Describe*",
          "Create*",
          "Delete*",
          "Modify*",
          "Associate*",
          "Disassociate*",
          "AttachInternetGateway",
        ),
        ...of("ec2", "DetachInternetGateway", "AllocateAddress", "ReleaseAddress", "AuthorizeSecurityGroup*"),
        ...of("ec2", "RevokeSecurityGroup*", "UpdateSecurityGroupRuleDescriptions*", "ReplaceRoute*"),
        ...["elasticloadbalancing:*", "ecs:*", "servicediscovery:*", "application-autoscaling:*", "elasticache:*"],
        ...["cloudfront:*", "scheduler:*"],
        ...of("acm", "RequestCertificate", "DescribeCertificate", "DeleteCertificate", "*Tags*Certificate"),
        ...of("route53", "GetChange", "GetHostedZone", "List*", "ChangeResourceRecordSets"),
        ...of("cloudwatch", "PutMetricAlarm", "DeleteAlarms", "DescribeAlarms", "*Tag*Resource"),
        ...of("rds", "Describe*", "*Tag*"),
        ...of("logs", "DescribeLogGroups", "*Tag*"),
        ...of("ssm", "GetParameter*"),
        ...of("secretsmanager", "GetRandomPassword"),
        ...of("kms", "DescribeKey", "CreateGrant", "Decrypt", "GenerateDataKey*"),
      ],
      "*",
    ),
    allow("rds:*", arn("rds", `*:${prefix}*`)),
    allow("secretsmanager:*", arn("secretsmanager", "secret:*"), {
      StringLike: { "aws:ResourceTag/aws:cloudformation:stack-name": `${prefix}*` },
    }),
    allow(of("secretsmanager", "CreateSecret", "TagResource"), arn("secretsmanager", "secret:*")),
    allow("logs:*", [arn("logs", `log-group:${prefix}*`), arn("logs", `log-group:/*/${prefix}*`)]),
    allow("ecr:*", arn("ecr", `repository/${prefix}*`)),
    allow("codebuild:*", arn("codebuild", `project/${prefix}*`)),
    allow("lambda:*", arn("lambda", `function:${prefix}*`)),
    allow("s3:*", bucket(`${prefix}*`)),
    allow(of("s3", "GetObject"), bucket(`${name}-\${AWS::AccountId}/*`)),
    allow(
      of("iam", "CreateRole", "PutRolePolicy", "AttachRolePolicy", "DeleteRolePolicy", "DetachRolePolicy"),
      appRoles,
      { StringEquals: { "iam:PermissionsBoundary": arn("iam", `policy/${name}-apps`, "") } },
    ),
    allow(of("iam", "GetRole*", "DeleteRole", "*TagRole", "ListRole*", "ListAttachedRole*", "UpdateRole*"), appRoles),
    allow("iam:PassRole", appRoles, {
      StringEquals: {
        "iam:PassedToService": ["ecs-tasks", "ecs", "lambda", "codebuild", "scheduler"].map(
          (service) => `${service}.amazonaws.com`,
        ),
      },
    }),
    allow("iam:CreateServiceLinkedRole", "*", {
      StringLike: {
        "iam:AWSServiceName": ["ecs*", "elasticloadbalancing", "rds", "elasticache", "*autoscaling"].map(
          (service) => `${service}.amazonaws.com`,
        ),
      },
    }),
  );

/** The most that any role of an app may be allowed, whatever a template says. */
export const appsPolicy = policy(
  allow(
    [
      ...of("logs", "CreateLogGroup", "CreateLogStream", "PutLogEvents"),
      ...of("ecr", "GetAuthorizationToken"),
      ...of("ssmmessages", "CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"),
      ...of("ecs", "RunTask", "StopTask", "DescribeTasks", "DescribeTaskDefinition", "TagResource"),
      ...of("cloudwatch", "PutMetricData"),
      ...of("ses", "SendEmail", "SendRawEmail"),
      ...of(
        "ec2",
        "*NetworkInterface*",
        "DescribeSubnets",
        "DescribeSecurityGroups",
        "DescribeVpcs",
        "DescribeDhcpOptions",
      ),
    ],
    "*",
  ),
  allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*"), {
    StringLike: { "aws:ResourceTag/aws:cloudformation:stack-name": `${prefix}*` },
  }),
  allow("ecr:*", arn("ecr", `repository/${prefix}*`)),
  allow("s3:*", bucket(`${prefix}*`)),
  allow(of("codebuild", "StartBuild", "StopBuild", "BatchGetBuilds"), arn("codebuild", `project/${prefix}*`)),
  allow("lambda:InvokeFunction", arn("lambda", `function:${prefix}*`)),
  allow("iam:PassRole", appRoles, { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }),
);
