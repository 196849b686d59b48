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
  const arn = (service: string, rest: string, where = region) => `arn:aws:${service}:${where}:${account}:${rest}`;
  const tagged = { "aws:ResourceTag/slipway:deployment": "some" };
  const boundary = { "iam:PermissionsBoundary": properties.PermissionsBoundary as string | undefined };
  const rights = (create: Permission[], remove: Permission[]) => ({ create, delete: remove });
  const passed = (role: unknown, service: string): Permission[] =>
    typeof role === "string" && role.startsWith("arn:")
      ? [["iam:PassRole", role, { "iam:PassedToService": `${service}.amazonaws.com` }]]
      : [];
  const [, service = "", kind = ""] = type.split("::");
  switch (type) {
    case "AWS::IAM::Role":
      return rights(
        [["iam:CreateRole", arn("iam", `role/${physical}`, ""), boundary]],
        [["iam:DeleteRole", arn("iam", `role/${physical}`, "")]],
      );
    case "AWS::IAM::User":
      return rights(
        [["iam:CreateUser", arn("iam", `user/${physical}`, ""), boundary]],
        [["iam:DeleteUser", arn("iam", `user/${physical}`, "")]],
      );
    case "AWS::IAM::AccessKey":
      return rights(
        [["iam:CreateAccessKey", arn("iam", `user/${properties.UserName}`, "")]],
        [["iam:DeleteAccessKey", arn("iam", `user/${properties.UserName}`, "")]],
      );
    case "AWS::S3::Bucket":
      return rights(
        [["s3:CreateBucket", `arn:aws:s3:::${physical}`]],
        [["s3:DeleteBucket", `arn:aws:s3:::${physical}`]],
      );
    case "AWS::S3::BucketPolicy":
      return rights(
        [["s3:PutBucketPolicy", `arn:aws:s3:::${properties.Bucket}`]],
        [["s3:DeleteBucketPolicy", `arn:aws:s3:::${properties.Bucket}`]],
      );
    case "AWS::SecretsManager::Secret":
      return rights(
        [
          ["secretsmanager:CreateSecret", physical],
          ["secretsmanager:GetSecretValue", physical, tagged],
        ],
        [["secretsmanager:DeleteSecret", physical, tagged]],
      );
    case "AWS::RDS::DBInstance":
      return rights(
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
      return rights(
        [["rds:CreateDBSubnetGroup", arn("rds", `subgrp:${physical.toLowerCase()}`)]],
        [["rds:DeleteDBSubnetGroup", arn("rds", `subgrp:${physical.toLowerCase()}`)]],
      );
    case "AWS::RDS::DBParameterGroup":
      return rights(
        [["rds:CreateDBParameterGroup", arn("rds", `pg:${physical.toLowerCase()}`)]],
        [["rds:DeleteDBParameterGroup", arn("rds", `pg:${physical.toLowerCase()}`)]],
      );
    case "AWS::Logs::LogGroup":
      return rights(
        [["logs:CreateLogGroup", arn("logs", `log-group:${physical}`)]],
        [["logs:DeleteLogGroup", arn("logs", `log-group:${physical}`)]],
      );
    case "AWS::ECR::Repository":
      return rights(
        [["ecr:CreateRepository", arn("ecr", `repository/${physical.toLowerCase()}`)]],
        [["ecr:DeleteRepository", arn("ecr", `repository/${physical.toLowerCase()}`)]],
      );
    case "AWS::CodeBuild::Project":
      return rights(
        [
          ["codebuild:CreateProject", arn("codebuild", `project/${properties.Name ?? physical}`)],
          ...passed(properties.ServiceRole, "codebuild"),
        ],
        [["codebuild:DeleteProject", arn("codebuild", `project/${properties.Name ?? physical}`)]],
      );
    case "AWS::Lambda::Function":
      return rights(
        [
          ["lambda:CreateFunction", arn("lambda", `function:${physical}`)],
          ["lambda:InvokeFunction", arn("lambda", `function:${physical}`)],
          ...passed(properties.Role, "lambda"),
        ],
        [["lambda:DeleteFunction", arn("lambda", `function:${physical}`)]],
      );
    case "AWS::ECS::TaskDefinition":
      return rights(
        [
          ["ecs:RegisterTaskDefinition", "*"],
          ...passed(properties.ExecutionRoleArn, "ecs-tasks"),
          ...passed(properties.TaskRoleArn, "ecs-tasks"),
        ],
        [["ecs:DeregisterTaskDefinition", "*"]],
      );
    case "AWS::Scheduler::Schedule":
      return rights(
        [
          ["scheduler:CreateSchedule", "*"],
          ...passed((properties.Target as { RoleArn?: string } | undefined)?.RoleArn, "scheduler"),
        ],
        [["scheduler:DeleteSchedule", "*"]],
      );
    case "AWS::IAM::Policy": {
      const role = arn("iam", `role/${(properties.Roles as string[] | undefined)?.[0]}`, "");
      return rights(
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
      return rights([["ec2:AllocateAddress", "*"]], [["ec2:ReleaseAddress", "*"]]);
    case "AWS::EC2::VPCGatewayAttachment":
      return rights([["ec2:AttachInternetGateway", "*"]], [["ec2:DetachInternetGateway", "*"]]);
    case "AWS::EC2::SubnetRouteTableAssociation":
      return rights([["ec2:AssociateRouteTable", "*"]], [["ec2:DisassociateRouteTable", "*"]]);
    case "AWS::EC2::SecurityGroupIngress":
      return rights([["ec2:AuthorizeSecurityGroupIngress", "*"]], [["ec2:RevokeSecurityGroupIngress", "*"]]);
    case "AWS::CertificateManager::Certificate":
      return rights([["acm:RequestCertificate", "*"]], [["acm:DeleteCertificate", "*"]]);
    case "AWS::Route53::RecordSet":
      return rights([["route53:ChangeResourceRecordSets", "*"]], [["route53:ChangeResourceRecordSets", "*"]]);
    case "AWS::ApplicationAutoScaling::ScalableTarget":
    case "AWS::ApplicationAutoScaling::ScalingPolicy":
      return rights([[`application-autoscaling:Put${kind}`, "*"]], [[`application-autoscaling:Delete${kind}`, "*"]]);
  }
  if (type.startsWith("Custom::"))
    return rights(
      [["lambda:InvokeFunction", `${properties.ServiceToken ?? arn("lambda", "function:slipway-runner")}`]],
      [],
    );
  const prefix = { ElasticLoadBalancingV2: "elasticloadbalancing" }[service] ?? service.toLowerCase();
  return rights([[`${prefix}:Create${kind}`, "*"]], [[`${prefix}:Delete${kind}`, "*"]]);
}
