import { policyDocument, role, type Statement } from "./cluster.ts";
import { makings } from "./images.ts";
import { att, ref, sub } from "./intrinsics.ts";
import type { Piece, Setting } from "./piece.ts";
import { runnerCode } from "./runner.ts";
import type { Resource } from "./stack.ts";
import { tags } from "./tags.ts";

/** What a build and a job have to wait for before the function may start them. */
export const mayBuild = ["BuildPolicy"];
export const mayRunJobs = ["JobPolicy"];

/** The function that lets CloudFormation wait for builds and jobs. */
export function runner({ app }: Setting, { jobs }: { jobs: boolean }): Piece {
  const projects = makings(app).map(({ suffix }) => att(`Project${suffix}`, "Arn"));
  const builds = projects.length > 0;
  if (!builds && !jobs) return {};
  const cluster = att("Cluster", "Arn");
  const onCluster = { ArnEquals: { "ecs:cluster": cluster } };
  const tasks = sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*");
  // Apart from the role, because they name what names the role; and apart from each other, because jobs need the build.
  const policy = (PolicyName: string, statements: Statement[]): Resource => ({
    Type: "AWS::IAM::Policy",
    Properties: { PolicyName, PolicyDocument: policyDocument(statements), Roles: [ref("RunnerRole")] },
  });
  const again: Statement[] = [
    { actions: ["lambda:InvokeFunction"], on: att("Runner", "Arn") },
    { actions: ["logs:GetLogEvents"], on: att("LogGroup", "Arn") },
  ];
  const buildPolicy = policy("build", [
    ...again,
    { actions: ["codebuild:StartBuild", "codebuild:BatchGetBuilds"], on: projects },
  ]);
  const jobPolicy = policy("jobs", [
    ...again,
    { actions: ["ecs:RunTask"], on: ref("CommandTask"), when: onCluster },
    { actions: ["ecs:DescribeTasks"], on: tasks, when: onCluster },
    passRoles,
  ]);
  return {
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
      ...(builds ? { BuildPolicy: buildPolicy } : {}),
      ...(jobs ? { JobPolicy: jobPolicy } : {}),
    },
  };
}

/** Whoever starts a task hands it the two roles of this stack, and no other. */
export const passRoles: Statement = {
  actions: ["iam:PassRole"],
  on: [att("TaskRole", "Arn"), att("ExecutionRole", "Arn")],
  when: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
};
