import { outputs, parameters, type Value } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { ref } from "../intrinsics.ts";
import { logsLine } from "../price-lines.ts";
import { executionRole, permissionsBoundaryParameter, type Statement, taskRole } from "../resources/iam-roles.ts";
import { taskSecurityGroup } from "../resources/security-groups.ts";
import { tags } from "../tags.ts";

/** The cluster with its log group, the roles of its tasks and their security group. */
export const cluster = (
  { app, region, settings }: CompileContext,
  { secretArns, taskStatements }: { secretArns: Value[]; taskStatements: Statement[] },
): TemplateFragment => ({
  step: { name: "cluster", title: "Cluster, logs and roles" },
  parameters: { [parameters.boundary]: permissionsBoundaryParameter },
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
    ExecutionRole: executionRole(app, secretArns),
    TaskRole: taskRole(taskStatements),
    TaskSecurityGroup: taskSecurityGroup(app),
  },
  outputs: {
    [outputs.cluster]: { Description: "The ECS cluster", Value: ref("Cluster") },
    [outputs.logs]: { Description: "Where all logs are", Value: ref("LogGroup") },
  },
  lines: [logsLine(region)],
});
