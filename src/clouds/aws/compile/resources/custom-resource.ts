import type { Resource } from "../../cloudformation.ts";
import type { Piece, Setting } from "../context.ts";
import { policyDocument, role, type Statement } from "../ecs/cluster.ts";
import { att, ref, sub } from "../intrinsics.ts";
import { tags } from "../tags.ts";
import { runnerCode } from "./custom-resource-handler.ts";
import { makings } from "./ecr-images.ts";

/** What a build and a job have to wait for before the function may start them. */
export const mayBuild = ["BuildPolicy"];
export const mayRunJobs = ["JobPolicy"];

/** The function that lets CloudFormation wait for builds and jobs. */
export const runner = ({ app }: Setting): Piece => ({
  step: { name: "cluster", title: "" },
  resources: {
    RunnerRole: role("lambda.amazonaws.com", [
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], on: att("LogGroup", "Arn") },
    ]),
    Runner: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Description: sub("Runs the builds and jobs of ${AWS::StackName} and waits for them"),
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: runnerCode },
        Role: att("RunnerRole", "Arn"),
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
      { actions: ["lambda:InvokeFunction"], on: att("Runner", "Arn") },
      { actions: ["logs:GetLogEvents"], on: att("LogGroup", "Arn") },
      ...statements,
    ]),
    Roles: [ref("RunnerRole")],
  },
});

export const buildPolicy = ({ app }: Setting): Resource =>
  policy("build", [
    {
      actions: ["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
      on: makings(app).map(({ suffix }) => att(`Project${suffix}`, "Arn")),
    },
  ]);

export function jobPolicy(): Resource {
  const when = { ArnEquals: { "ecs:cluster": att("Cluster", "Arn") } };
  const tasks = sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*");
  return policy("jobs", [
    { actions: ["ecs:RunTask"], on: ref("CommandTask"), when },
    { actions: ["ecs:DescribeTasks"], on: tasks, when },
    passRoles,
  ]);
}

/** Whoever starts a task hands it the two roles of this stack, and no other. */
export const passRoles: Statement = {
  actions: ["iam:PassRole"],
  on: [att("TaskRole", "Arn"), att("ExecutionRole", "Arn")],
  when: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
};
