import type { App } from "../../../../app.ts";
import type { Resource } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, literal, ref, sub } from "../intrinsics.ts";
import { imageLine } from "../price-lines.ts";
import { tags } from "../tags.ts";
import { buildspec, buildVariables } from "./buildspec.ts";
import { buildPolicy, buildPrerequisites } from "./custom-resource.ts";
import { type ImageBuild, imageBuilds, imageUri } from "./ecr-images.ts";
import { iamRole } from "./iam-roles.ts";

/** Builds the pinned commit in the visitor's account and waits for its images. */
export function codeBuild(context: CompileContext): TemplateFragment {
  const { app, region } = context;
  const builds = imageBuilds(app);
  if (builds.length === 0) return {};
  return {
    step: { name: "build", title: `Build ${app.source.commit.replace(/[^0-9a-z]/gi, "").slice(0, 7)} into an image` },
    resources: {
      Repository: {
        Type: "AWS::ECR::Repository",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: {
          EmptyOnDelete: true,
          ImageScanningConfiguration: { ScanOnPush: true },
          LifecyclePolicy: { LifecyclePolicyText: keepTwentyImages },
          Tags: tags(app),
        },
      },
      BuildRole: iamRole("codebuild.amazonaws.com", [
        { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resource: getAtt("LogGroup", "Arn") },
        { actions: ["ecr:GetAuthorizationToken"], resource: "*" },
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
          resource: getAtt("Repository", "Arn"),
        },
      ]),
      BuildPolicy: buildPolicy(context),
      ...Object.fromEntries(builds.flatMap((imageBuild) => project(app, imageBuild))),
    },
    lines: [imageLine(region)],
  };
}

const project = (app: App, { build, suffix }: ImageBuild): [string, Resource][] => {
  const { source } = app;
  const variables = {
    REPOSITORY: literal(`https://github.com/${source.owner}/${source.repo}.git`),
    COMMIT: literal(source.commit),
    FOLDER: literal(source.path),
    REGISTRY: sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}"),
    IMAGE: imageUri(app, build),
    ...Object.fromEntries(Object.entries(buildVariables(build)).map(([name, text]) => [name, literal(text)])),
  };
  return [
    [
      `Project${suffix}`,
      {
        Type: "AWS::CodeBuild::Project",
        Properties: {
          // CloudFormation would generate a name without the stack's name in it.
          Name: sub(`\${AWS::StackName}-build${suffix}`),
          ServiceRole: getAtt("BuildRole", "Arn"),
          Source: { Type: "NO_SOURCE", BuildSpec: buildspec(build) },
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
          LogsConfig: {
            CloudWatchLogs: { Status: "ENABLED", GroupName: ref("LogGroup"), StreamName: `build${suffix}` },
          },
          TimeoutInMinutes: 50,
          Tags: tags(app),
        },
      },
    ],
    [
      `BuiltImage${suffix}`,
      {
        Type: "Custom::Build",
        DependsOn: buildPrerequisites,
        Properties: {
          ServiceToken: getAtt("Runner", "Arn"),
          Kind: "build",
          Title: "The build",
          Project: ref(`Project${suffix}`),
          Image: imageUri(app, build),
        },
      },
    ],
  ];
};

const keepTwentyImages = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 20 },
      action: { type: "expire" },
    },
  ],
});
