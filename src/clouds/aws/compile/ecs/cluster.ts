import { outputs, type Property, parameters, type Resource, type Value } from "../../cloudformation.ts";
import { logsLine } from "../../prices.ts";
import type { Piece, Setting } from "../context.ts";
import { att, ref, sub } from "../intrinsics.ts";
import { makings } from "../resources/ecr-images.ts";
import { vpcId } from "../resources/vpc.ts";
import { tags } from "../tags.ts";

/** As a boundary it bounds nothing: a role may do what it says. */
const everything = "arn:aws:iam::aws:policy/AdministratorAccess";

export interface Statement {
  actions: string[];
  on: Value;
  when?: Property;
}
const statement = ({ actions, on, when }: Statement): Property => ({
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
export const role = (service: string, statements: Statement[], when?: Property): Resource => ({
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
    PermissionsBoundary: boundary,
    ...(statements.length > 0
      ? { Policies: [{ PolicyName: "least", PolicyDocument: policyDocument(statements) }] }
      : {}),
  },
});

/** The most a role or user of the stack may be allowed, whatever its own statements say. */
export const boundary: Value = ref(parameters.boundary);

/** Only on behalf of this account: a service must not be talked into using the role for somebody else. */
export const sameAccount: Property = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };

/** Where everything runs, writes its logs, and what it may do by itself: nothing, until a resource adds to it. */
export function cluster(setting: Setting, { readable, mayUse }: { readable: Value[]; mayUse: Statement[] }): Piece {
  const { app, region, settings } = setting;
  const image: Statement[] =
    makings(app).length === 0
      ? []
      : [
          { actions: ["ecr:GetAuthorizationToken"], on: "*" },
          {
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            on: att("Repository", "Arn"),
          },
        ];
  const secrets = readable.length > 0 ? [{ actions: ["secretsmanager:GetSecretValue"], on: readable }] : [];
  const logs = { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], on: att("LogGroup", "Arn") };
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
          ClusterSettings: [{ Name: "containerInsights", Value: settings.protect ? "enabled" : "disabled" }],
          Tags: tags(app),
        },
      },
      LogGroup: {
        Type: "AWS::Logs::LogGroup",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: { RetentionInDays: settings.logDays, Tags: tags(app) },
      },
      ExecutionRole: role("ecs-tasks.amazonaws.com", [...image, ...secrets, logs], sameAccount),
      TaskRole: role("ecs-tasks.amazonaws.com", mayUse, sameAccount),
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
export const dataSecurityGroup = (setting: Setting, port: number): Resource => ({
  Type: "AWS::EC2::SecurityGroup",
  Properties: {
    GroupDescription: sub("Data of ${AWS::StackName}"),
    VpcId: vpcId,
    SecurityGroupIngress: [
      {
        IpProtocol: "tcp",
        FromPort: port,
        ToPort: port,
        SourceSecurityGroupId: att("TaskSecurityGroup", "GroupId"),
        Description: "Tasks of the app",
      },
    ],
    Tags: tags(setting.app),
  },
});
