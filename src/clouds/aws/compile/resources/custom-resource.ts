import type { Resource, Value } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { iamRole, policyDocument, type Statement } from "../ecs/cluster.ts";
import { getAtt, ref, sub } from "../intrinsics.ts";
import { tags } from "../tags.ts";
import { handlerSource } from "./custom-resource-handler.ts";
import { imageBuilds } from "./ecr-images.ts";

/** What a build and a job have to wait for before the function may start them. */
export const buildPrerequisites = ["BuildPolicy"];
export const jobPrerequisites = ["JobPolicy"];

/** The function that lets CloudFormation wait for builds and jobs. */
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

/** Apart from its role, because it names what names the role; and one for builds, one for jobs, which need the build. */
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

/** Allows the function to run the jobs' tasks. `taskIds`: logical ids of their task definitions. */
export function jobPolicy(taskIds: readonly string[]): Resource {
  const when = { ArnEquals: { "ecs:cluster": getAtt("Cluster", "Arn") } };
  const tasks = sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*");
  return policy("jobs", [
    { actions: ["ecs:RunTask"], resource: oneOrMany(taskIds.map(ref)), condition: when },
    { actions: ["ecs:DescribeTasks"], resource: tasks, condition: when },
    passRoleStatement,
  ]);
}

/** Returns a single value by itself, as templates of earlier versions have it. */
export const oneOrMany = (values: Value[]): Value => (values.length === 1 ? (values[0] ?? "") : values);

/** Whoever starts a task hands it the two roles of this stack, and no other. */
export const passRoleStatement: Statement = {
  actions: ["iam:PassRole"],
  resource: [getAtt("TaskRole", "Arn"), getAtt("ExecutionRole", "Arn")],
  condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
};
