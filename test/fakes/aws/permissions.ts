import type { Context } from "./policy.ts";

type Permission = [action: string, resource: string, context?: Context];

/**
 * Returns the permissions that CloudFormation needs to create and delete a resource: the main calls of each type's
 * handler.
 */
export function requiredPermissions(
  type: string,
  physical: string,
  properties: Record<string, unknown>,
  {
    account,
    region,
    boundaryOf,
  }: { account: string; region: string; boundaryOf: (role: string) => string | undefined },
): { create: Permission[]; delete: Permission[] } {
  const arn = (service: string, rest: string, arnRegion = region) =>
    `arn:aws:${service}:${arnRegion}:${account}:${rest}`;
  const tagged = { "aws:ResourceTag/slipway:deployment": "some" };
  const boundary = { "iam:PermissionsBoundary": properties.PermissionsBoundary as string | undefined };
  const permissions = (create: Permission[], remove: Permission[]) => ({ create, delete: remove });
  const passRole = (role: unknown, service: string): Permission[] =>
    typeof role === "string" && role.startsWith("arn:")
      ? [["iam:PassRole", role, { "iam:PassedToService": `${service}.amazonaws.com` }]]
      : [];
  const [, service = "", kind = ""] = type.split("::");
  switch (type) {
    case "AWS::IAM::Role":
      return permissions(
        [["iam:CreateRole", arn("iam", `role/${physical}`, ""), boundary]],
        [["iam:DeleteRole", arn("iam", `role/${physical}`, "")]],
      );
    case "AWS::IAM::User":
      return permissions(
        [["iam:CreateUser", arn("iam", `user/${physical}`, ""), boundary]],
        [["iam:DeleteUser", arn("iam", `user/${physical}`, "")]],
      );
    case "AWS::IAM::AccessKey":
      return permissions(
        [["iam:CreateAccessKey", arn("iam", `user/${properties.UserName}`, "")]],
        [["iam:DeleteAccessKey", arn("iam", `user/${properties.UserName}`, "")]],
      );
    case "AWS::S3::Bucket":
      return permissions(
        [["s3:CreateBucket", `arn:aws:s3:::${physical}`]],
        [["s3:DeleteBucket", `arn:aws:s3:::${physical}`]],
      );
    case "AWS::S3::BucketPolicy":
      return permissions(
        [["s3:PutBucketPolicy", `arn:aws:s3:::${properties.Bucket}`]],
        [["s3:DeleteBucketPolicy", `arn:aws:s3:::${properties.Bucket}`]],
      );
    case "AWS::SecretsManager::Secret":
      return permissions(
        [
          ["secretsmanager:CreateSecret", physical],
          ["secretsmanager:GetSecretValue", physical, tagged],
        ],
        [["secretsmanager:DeleteSecret", physical, tagged]],
      );
    case "AWS::RDS::DBInstance":
      return permissions(
        [
          ["rds:CreateDBInstance", arn("rds", `db:${physical.toLowerCase()}`)],
          [
            "rds:CreateDBInstance",
            arn("rds", `subgrp:${`${properties.DBSubnetGroupName ?? `${physical}-own`}`.toLowerCase()}`),
          ],
          ["rds:CreateDBInstance", arn("rds", "og:default:postgres-17")],
        ],
        [
          ["rds:DeleteDBInstance", arn("rds", `db:${physical.toLowerCase()}`)],
          ["rds:CreateDBSnapshot", arn("rds", `snapshot:${physical.toLowerCase()}-final`)],
        ],
      );
    case "AWS::RDS::DBSubnetGroup":
      return permissions(
        [["rds:CreateDBSubnetGroup", arn("rds", `subgrp:${physical.toLowerCase()}`)]],
        [["rds:DeleteDBSubnetGroup", arn("rds", `subgrp:${physical.toLowerCase()}`)]],
      );
    case "AWS::RDS::DBParameterGroup":
      return permissions(
        [["rds:CreateDBParameterGroup", arn("rds", `pg:${physical.toLowerCase()}`)]],
        [["rds:DeleteDBParameterGroup", arn("rds", `pg:${physical.toLowerCase()}`)]],
      );
    case "AWS::Logs::LogGroup":
      return permissions(
        [["logs:CreateLogGroup", arn("logs", `log-group:${physical}`)]],
        [["logs:DeleteLogGroup", arn("logs", `log-group:${physical}`)]],
      );
    case "AWS::ECR::Repository":
      return permissions(
        [["ecr:CreateRepository", arn("ecr", `repository/${physical.toLowerCase()}`)]],
        [["ecr:DeleteRepository", arn("ecr", `repository/${physical.toLowerCase()}`)]],
      );
    case "AWS::CodeBuild::Project":
      return permissions(
        [
          ["codebuild:CreateProject", arn("codebuild", `project/${properties.Name ?? physical}`)],
          ...passRole(properties.ServiceRole, "codebuild"),
        ],
        [["codebuild:DeleteProject", arn("codebuild", `project/${properties.Name ?? physical}`)]],
      );
    case "AWS::Lambda::Function":
      return permissions(
        [
          ["lambda:CreateFunction", arn("lambda", `function:${physical}`)],
          ["lambda:InvokeFunction", arn("lambda", `function:${physical}`)],
          ...passRole(properties.Role, "lambda"),
        ],
        [["lambda:DeleteFunction", arn("lambda", `function:${physical}`)]],
      );
    case "AWS::ECS::TaskDefinition":
      return permissions(
        [
          ["ecs:RegisterTaskDefinition", "*"],
          ...passRole(properties.ExecutionRoleArn, "ecs-tasks"),
          ...passRole(properties.TaskRoleArn, "ecs-tasks"),
        ],
        [["ecs:DeregisterTaskDefinition", "*"]],
      );
    case "AWS::Scheduler::Schedule":
      return permissions(
        [
          ["scheduler:CreateSchedule", "*"],
          ...passRole((properties.Target as { RoleArn?: string } | undefined)?.RoleArn, "scheduler"),
        ],
        [["scheduler:DeleteSchedule", "*"]],
      );
    case "AWS::IAM::Policy": {
      const role = arn("iam", `role/${(properties.Roles as string[] | undefined)?.[0]}`, "");
      return permissions(
        [
          [
            "iam:PutRolePolicy",
            role,
            { "iam:PermissionsBoundary": boundaryOf(`${(properties.Roles as string[] | undefined)?.[0]}`) },
          ],
        ],
        [],
      );
    }
    case "AWS::EC2::EIP":
      return permissions([["ec2:AllocateAddress", "*"]], [["ec2:ReleaseAddress", "*"]]);
    case "AWS::EC2::VPCGatewayAttachment":
      return permissions([["ec2:AttachInternetGateway", "*"]], [["ec2:DetachInternetGateway", "*"]]);
    case "AWS::EC2::SubnetRouteTableAssociation":
      return permissions([["ec2:AssociateRouteTable", "*"]], [["ec2:DisassociateRouteTable", "*"]]);
    case "AWS::EC2::SecurityGroupIngress":
      return permissions([["ec2:AuthorizeSecurityGroupIngress", "*"]], [["ec2:RevokeSecurityGroupIngress", "*"]]);
    case "AWS::CertificateManager::Certificate":
      return permissions([["acm:RequestCertificate", "*"]], [["acm:DeleteCertificate", "*"]]);
    case "AWS::Route53::RecordSet":
      return permissions([["route53:ChangeResourceRecordSets", "*"]], [["route53:ChangeResourceRecordSets", "*"]]);
    case "AWS::ApplicationAutoScaling::ScalableTarget":
    case "AWS::ApplicationAutoScaling::ScalingPolicy":
      return permissions(
        [[`application-autoscaling:Put${kind}`, "*"]],
        [[`application-autoscaling:Delete${kind}`, "*"]],
      );
  }
  if (type.startsWith("Custom::"))
    return permissions(
      [["lambda:InvokeFunction", `${properties.ServiceToken ?? arn("lambda", "function:slipway-runner")}`]],
      [],
    );
  const prefix = { ElasticLoadBalancingV2: "elasticloadbalancing" }[service] ?? service.toLowerCase();
  return permissions([[`${prefix}:Create${kind}`, "*"]], [[`${prefix}:Delete${kind}`, "*"]]);
}
