import { buildspec, buildVariables } from "./buildspec.ts";
import { role } from "./cluster.ts";
import { att, literal, ref, sub } from "./intrinsics.ts";
import type { Piece, Setting } from "./piece.ts";
import { imageLine } from "./prices.ts";
import { tags } from "./tags.ts";
import { image } from "./task.ts";
import { mayBuild } from "./waiting.ts";

/** Builds the pinned commit inside the visitor's account, and waits until its image is there. */
export function build(setting: Setting): Piece {
  const { app, region } = setting;
  const { source } = app;
  if (app.build.kind === "image") return {};
  const variables = {
    REPOSITORY: literal(`https://github.com/${source.owner}/${source.repo}.git`),
    COMMIT: literal(source.commit),
    FOLDER: literal(source.path),
    REGISTRY: sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}"),
    IMAGE: image(setting),
    DOCKER_BUILDKIT: "1",
    ...Object.fromEntries(Object.entries(buildVariables(app.build)).map(([name, text]) => [name, literal(text)])),
  };
  return {
    step: { name: "build", title: `Build ${source.commit.replace(/[^0-9a-z]/gi, "").slice(0, 7)} into an image` },
    resources: {
      Repository: {
        Type: "AWS::ECR::Repository",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: {
          EmptyOnDelete: true,
          ImageScanningConfiguration: { ScanOnPush: true },
          LifecyclePolicy: { LifecyclePolicyText: keepFive },
          Tags: tags(app),
        },
      },
      BuildRole: role("codebuild.amazonaws.com", [
        { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], on: att("LogGroup", "Arn") },
        { actions: ["ecr:GetAuthorizationToken"], on: "*" },
        {
          actions: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
          ],
          on: att("Repository", "Arn"),
        },
      ]),
      Project: {
        Type: "AWS::CodeBuild::Project",
        Properties: {
          // CloudFormation would make up a name without the stack's in it.
          Name: sub("${AWS::StackName}-build"),
          ServiceRole: att("BuildRole", "Arn"),
          Source: { Type: "NO_SOURCE", BuildSpec: buildspec(app.build) },
          Artifacts: { Type: "NO_ARTIFACTS" },
          Environment: {
            Type: "LINUX_CONTAINER",
            ComputeType: "BUILD_GENERAL1_MEDIUM",
            Image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            PrivilegedMode: true,
            EnvironmentVariables: Object.entries(variables).map(([Name, Value]) => ({
              Name,
              Value,
              Type: "PLAINTEXT",
            })),
          },
          LogsConfig: { CloudWatchLogs: { Status: "ENABLED", GroupName: ref("LogGroup"), StreamName: "build" } },
          TimeoutInMinutes: 50,
          Tags: tags(app),
        },
      },
      BuiltImage: {
        Type: "Custom::Build",
        DependsOn: mayBuild,
        Properties: {
          ServiceToken: att("Runner", "Arn"),
          Kind: "build",
          Title: "The build",
          Project: ref("Project"),
          Image: image(setting),
        },
      },
    },
    lines: [imageLine(region)],
  };
}

const keepFive = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5 },
      action: { type: "expire" },
    },
  ],
});
