import type { App } from "../../../../app.ts";
import { type Parameter, type Property, parameters, type Resource, type Value } from "../../cloudformation.ts";
import { getAtt, ref } from "../intrinsics.ts";
import { imageBuilds } from "./ecr-images.ts";

export interface Statement {
  actions: string[];
  resource: Value;
  condition?: Property;
}

export const policyDocument = (statements: Statement[]): Property => ({
  Version: "2012-10-17",
  Statement: statements.map(({ actions, resource, condition }) => ({
    Effect: "Allow",
    Action: actions,
    Resource: resource,
    ...(condition ? { Condition: condition } : {}),
  })),
});

/** A role that an AWS service assumes, allowed these statements and nothing else. */
export const iamRole = (service: string, statements: Statement[], condition?: Property): Resource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          ...(condition ? { Condition: condition } : {}),
        },
      ],
    },
    PermissionsBoundary: permissionsBoundary,
    ...(statements.length > 0
      ? { Policies: [{ PolicyName: "least", PolicyDocument: policyDocument(statements) }] }
      : {}),
  },
});

/** The permissions boundary of every role and user in the stack. */
export const permissionsBoundary: Value = ref(parameters.boundary);

// As a boundary it restricts nothing: a role keeps what its own policies allow.
const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

export const permissionsBoundaryParameter: Parameter = {
  Type: "String",
  Description: "The permissions boundary that every role of the stack gets",
  Default: administratorAccess,
  AllowedPattern: "^arn:[^:]+:iam::(aws|[0-9]{12}):policy/.+$",
};

/**
 * Lets a service assume a role only on behalf of this account:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export const sourceAccountCondition: Property = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };

/** The role with which ECS starts a task: it pulls the image, reads the secrets and writes the log. */
export function executionRole(app: App, secretArns: Value[]): Resource {
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
  const secrets = secretArns.length > 0 ? [{ actions: ["secretsmanager:GetSecretValue"], resource: secretArns }] : [];
  const logs = { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resource: getAtt("LogGroup", "Arn") };
  return iamRole("ecs-tasks.amazonaws.com", [...image, ...secrets, logs], sourceAccountCondition);
}

/** The role of the app itself: its resources add their statements. */
export const taskRole = (statements: Statement[]): Resource =>
  iamRole("ecs-tasks.amazonaws.com", statements, sourceAccountCondition);

/** Starting a task passes it the two roles of this stack, and no others. */
export const passRoleStatement: Statement = {
  actions: ["iam:PassRole"],
  resource: [getAtt("TaskRole", "Arn"), getAtt("ExecutionRole", "Arn")],
  condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
};
