import { outputs, type Property, parameters, type Resource, type Value } from "../../cloudformation.ts";
import { logsLine } from "../../prices.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, ref, sub } from "../intrinsics.ts";
import { imageBuilds } from "../resources/ecr-images.ts";
import { vpcId } from "../resources/vpc.ts";
import { tags } from "../tags.ts";

/** As a boundary it bounds nothing: a role may do what it says. */
const everything = "arn:aws:iam::aws:policy/AdministratorAccess";

export interface Statement {
  actions: string[];
  resource: Value;
  condition?: Property;
}
const statement = ({ actions, resource: on, condition: when }: Statement): Property => ({
  Effect: "Allow",
  Action: actions,
  Resource: on,
  ...(when ? { Condition: when } : {}),
});

export const policyDocument = (statements: Statement[]): Property => ({
  Version: "2012-10-17",
  Statement: statements.map(statement),
});

/** A role for an AWS service, with no more than these statements allow. */
export const iamRole = (service: string, statements: Statement[], when?: Property): Resource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          ...(when ? { Condition: when } : {}),
        },
      ],
    },
    PermissionsBoundary: permissionsBoundary,
    ...(statements.length > 0
      ? { Policies: [{ PolicyName: "least", PolicyDocument: policyDocument(statements) }] }
      : {}),
  },
});

/** The most a role or user of the stack may be allowed, whatever its own statements say. */
export const permissionsBoundary: Value = ref(parameters.boundary);

/** Only on behalf of this account: a service must not be talked into using the role for somebody else. */
export const sourceAccountCondition: Property = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };

/** Where everything runs, writes its logs, and what it may do by itself: nothing, until a resource adds to it. */
export function cluster(
  setting: CompileContext,
  { readable, mayUse }: { readable: Value[]; mayUse: Statement[] },
): TemplateFragment {
  const { app, region, settings } = setting;
  const image: Statement[] =
    imageBuilds(app).length === 0
      ? []
      : [
          { actions: ["ecr:GetAuthorizationToken"], resource: "*" },
          {
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resource: getAtt("Repository", "Arn"),
          },
        ];
  const secrets = readable.length > 0 ? [{ actions: ["secretsmanager:GetSecretValue"], resource: readable }] : [];
  const logs = { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resource: getAtt("LogGroup", "Arn") };
  return {
    step: { name: "cluster", title: "Cluster, logs and roles" },
    parameters: {
      [parameters.boundary]: {
        Type: "String",
        Description: "The permissions boundary that every role of the stack gets",
        Default: everything,
        AllowedPattern: "^arn:[^:]+:iam::(aws|[0-9]{12}):policy/.+$",
      },
    },
    resources: {
      Cluster: {
        Type: "AWS::ECS::Cluster",
        Properties: {
          ClusterSettings: [{ Name: "containerInsights", Value: settings.deletionProtection ? "enabled" : "disabled" }],
          Tags: tags(app),
        },
      },
      LogGroup: {
        Type: "AWS::Logs::LogGroup",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: { RetentionInDays: settings.logDays, Tags: tags(app) },
      },
      ExecutionRole: iamRole("ecs-tasks.amazonaws.com", [...image, ...secrets, logs], sourceAccountCondition),
      TaskRole: iamRole("ecs-tasks.amazonaws.com", mayUse, sourceAccountCondition),
      TaskSecurityGroup: {
        Type: "AWS::EC2::SecurityGroup",
        Properties: { GroupDescription: sub("Tasks of ${AWS::StackName}"), VpcId: vpcId, Tags: tags(app) },
      },
    },
    outputs: {
      [outputs.cluster]: { Description: "The ECS cluster", Value: ref("Cluster") },
      [outputs.logs]: { Description: "Where all logs are", Value: ref("LogGroup") },
    },
    lines: [logsLine(region)],
  };
}

/** Lets tasks, and nobody else, reach a port of the data. */
export const backingServiceSecurityGroup = (setting: CompileContext, port: number): Resource => ({
  Type: "AWS::EC2::SecurityGroup",
  Properties: {
    GroupDescription: sub("Data of ${AWS::StackName}"),
    VpcId: vpcId,
    SecurityGroupIngress: [
      {
        IpProtocol: "tcp",
        FromPort: port,
        ToPort: port,
        SourceSecurityGroupId: getAtt("TaskSecurityGroup", "GroupId"),
        Description: "Tasks of the app",
      },
    ],
    Tags: tags(setting.app),
  },
});
