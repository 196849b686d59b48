import type { Resource, Value } from "../../cloudformation.ts";
import { handlerSource } from "../../custom-resource-handler.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, ref, sub } from "../intrinsics.ts";
import { tags } from "../tags.ts";
import { imageBuilds } from "./ecr-images.ts";
import { iamRole, passRoleStatement, policyDocument, type Statement } from "./iam-roles.ts";

/** The logical ids that must be complete before the function can start a build or a job. */
export const buildPrerequisites = ["BuildPolicy"];
export const jobPrerequisites = ["JobPolicy"];

/** The Lambda function that lets CloudFormation wait for builds and jobs. */
export const customResourceFunction = ({ app }: CompileContext): TemplateFragment => ({
  step: { name: "cluster", title: "" },
  resources: {
    RunnerRole: iamRole("lambda.amazonaws.com", [
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resource: getAtt("LogGroup", "Arn") },
    ]),
    Runner: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Description: sub("Runs the builds and jobs of ${AWS::StackName} and waits for them"),
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: handlerSource },
        Role: getAtt("RunnerRole", "Arn"),
        Timeout: 900,
        MemorySize: 128,
        LoggingConfig: { LogGroup: ref("LogGroup") },
        Tags: tags(app),
      },
    },
  },
});

/**
 * Separate from the role, because the policy refers to resources that refer to the role. Builds and jobs have one each,
 * because jobs need the build.
 */
const policy = (PolicyName: string, statements: Statement[]): Resource => ({
  Type: "AWS::IAM::Policy",
  Properties: {
    PolicyName,
    PolicyDocument: policyDocument([
      { actions: ["lambda:InvokeFunction"], resource: getAtt("Runner", "Arn") },
      { actions: ["logs:GetLogEvents"], resource: getAtt("LogGroup", "Arn") },
      ...statements,
    ]),
    Roles: [ref("RunnerRole")],
  },
});

export const buildPolicy = ({ app }: CompileContext): Resource =>
  policy("build", [
    {
      actions: ["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
      resource: imageBuilds(app).map(({ suffix }) => getAtt(`Project${suffix}`, "Arn")),
    },
  ]);

/** Returns a single value itself, as templates of earlier versions have it. */
export const oneOrMany = (values: Value[]): Value => (values.length === 1 ? (values[0] ?? "") : values);

/** Allows the function to run jobs. `taskIds`: logical ids of their task definitions. */
export function jobPolicy(taskIds: readonly string[]): Resource {
  const inCluster = { ArnEquals: { "ecs:cluster": getAtt("Cluster", "Arn") } };
  const tasks = sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*");
  return policy("jobs", [
    { actions: ["ecs:RunTask"], resource: oneOrMany(taskIds.map(ref)), condition: inCluster },
    { actions: ["ecs:DescribeTasks"], resource: tasks, condition: inCluster },
    passRoleStatement,
  ]);
}
