import { jobSize } from "../../../job-size.ts";
import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { scheduleLine } from "../price-lines.ts";
import { oneOrMany } from "../resources/custom-resource.ts";
import { iamRole, passRoleStatement, sourceAccountCondition } from "../resources/iam-roles.ts";
import { taskSecurityGroupId } from "../resources/security-groups.ts";
import { taskNetworking } from "../resources/vpc.ts";
import { schedules } from "./cron.ts";
import { jobTask, jobTaskIds, type NamedJob } from "./jobs.ts";
import { mainContainerName } from "./task-definition.ts";

/** Runs jobs on their schedule, with EventBridge Scheduler. */
export function eventBridgeSchedule(
  context: CompileContext,
  namedJobs: NamedJob[],
  dependsOn: string[],
): TemplateFragment {
  const { app, region } = context;
  const { subnets, publicIp } = taskNetworking(context);
  const scheduled = namedJobs.flatMap((named) => {
    const schedule = schedules(named.job.schedule ?? "");
    return schedule ? [{ ...named, ...schedule }] : [];
  });
  if (scheduled.length === 0) return {};
  const scheduleResource = (named: NamedJob, expression: string): Resource => ({
    Type: "AWS::Scheduler::Schedule",
    ...(dependsOn.length > 0 ? { DependsOn: dependsOn } : {}),
    Properties: {
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: {
        Arn: getAtt("Cluster", "Arn"),
        RoleArn: getAtt("SchedulerRole", "Arn"),
        EcsParameters: {
          TaskDefinitionArn: ref(jobTask(context, named.job).id),
          LaunchType: "FARGATE",
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: subnets,
              SecurityGroups: [taskSecurityGroupId],
              AssignPublicIp: publicIp,
            },
          },
        },
        Input: literal(taskOverrides(context, named.job)),
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      },
    },
  });
  return {
    step: { name: "schedule", title: "Schedule" },
    resources: {
      SchedulerRole: iamRole(
        "scheduler.amazonaws.com",
        [
          {
            actions: ["ecs:RunTask"],
            resource: oneOrMany(jobTaskIds(context).map(ref)),
            condition: { ArnEquals: { "ecs:cluster": getAtt("Cluster", "Arn") } },
          },
          passRoleStatement,
        ],
        sourceAccountCondition,
      ),
      ...Object.fromEntries(
        scheduled.flatMap((named) =>
          named.expressions.map((expression, index) => [
            `${named.id}At${index === 0 ? "" : index + 1}`,
            scheduleResource(named, expression),
          ]),
        ),
      ),
    },
    lines: scheduled.map(({ job, runsPerMonth }) =>
      scheduleLine(region, job.name, taskSizes[jobSize(app, job)], runsPerMonth),
    ),
  };
}

const taskOverrides = (context: CompileContext, job: NamedJob["job"]): string => {
  const containerOverrides = [{ name: mainContainerName, command: jobTask(context, job).command }];
  if (!job.size) return JSON.stringify({ containerOverrides });
  const { cpu, memory } = taskSizes[job.size];
  return JSON.stringify({ containerOverrides, cpu: `${cpu}`, memory: `${memory}` });
};
