import type { Resource, Template } from "../../../src/clouds/aws/cloudformation.ts";
import type { Plan } from "../../../src/plan.ts";
import { aPlan } from "../../harness/scripted-cloud.ts";

const role = (service: string): Resource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    },
    PermissionsBoundary: { "Fn::If": ["HasBoundary", { Ref: "PermissionsBoundaryArn" }, { Ref: "AWS::NoValue" }] },
  },
});

/** A template with one resource of each kind that matters for provisioning, and dependencies among them. */
export const aTemplate = (overrides: Partial<Template> = {}): Template => ({
  AWSTemplateFormatVersion: "2010-09-09",
  Description: "Hello",
  Metadata: {
    Slipway: {
      Steps: [
        { Name: "network", Resources: ["Network", "Subnet"] },
        { Name: "database", Resources: ["Password", "Database"] },
        { Name: "files", Resources: ["Files"] },
        { Name: "web", Resources: ["Images", "Role", "Build", "Release", "Web", "Cdn"] },
      ],
      Variables: [{ Name: "SECRET_KEY", Parameter: "EnvSecretKey" }],
      More: [],
    },
  },
  Parameters: {
    DeploymentId: { Type: "String", Default: "none" },
    PermissionsBoundaryArn: { Type: "String", Default: "" },
    EnvSecretKey: { Type: "String", NoEcho: true, Default: "" },
  },
  Conditions: { HasBoundary: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "PermissionsBoundaryArn" }, ""] }] } },
  Resources: {
    Network: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.0.0.0/16" } },
    Subnet: { Type: "AWS::EC2::Subnet", Properties: { VpcId: { Ref: "Network" }, CidrBlock: "10.0.0.0/24" } },
    Password: { Type: "AWS::SecretsManager::Secret", Properties: { GenerateSecretString: { PasswordLength: 32 } } },
    Database: {
      Type: "AWS::RDS::DBInstance",
      Properties: { MasterUserPassword: { "Fn::Sub": "{{resolve:secretsmanager:${Password}}}" } },
      DependsOn: ["Subnet"],
    },
    Files: { Type: "AWS::S3::Bucket" },
    Images: { Type: "AWS::ECR::Repository", Properties: { EmptyOnDelete: true } },
    Role: role("ecs-tasks.amazonaws.com"),
    Build: { Type: "AWS::CodeBuild::Project", Properties: { Image: { Ref: "Images" }, Role: { Ref: "Role" } } },
    Release: { Type: "Custom::Release", Properties: { Build: { Ref: "Build" } }, DependsOn: ["Database"] },
    Web: {
      Type: "AWS::ECS::Service",
      Properties: { Subnet: { Ref: "Subnet" }, Key: { Ref: "EnvSecretKey" } },
      DependsOn: ["Release"],
    },
    Cdn: { Type: "AWS::CloudFront::Distribution", Properties: { Origin: { Ref: "Web" } } },
  },
  Outputs: { Url: { Description: "The app", Value: { "Fn::Sub": "https://${Cdn.DomainName}/" } } },
  ...overrides,
});

export const awsPlan = (template = aTemplate(), region = "us-east-1"): Plan => ({
  ...aPlan,
  cloud: "aws",
  region,
  steps: template.Metadata.Slipway.Steps.map(({ Name }) => ({ name: Name, title: Name })),
  stack: template as never,
});
