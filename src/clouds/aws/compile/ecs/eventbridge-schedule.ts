import { jobSize } from "../../../job-size.ts";
import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { scheduleLine } from "../price-lines.ts";
import { iamRole, passRoleStatement, sourceAccountCondition } from "../resources/iam-roles.ts";
import { taskSecurityGroupId } from "../resources/security-groups.ts";
import { taskNetworking } from "../resources/vpc.ts";
import { schedules } from "./cron.ts";
import type { NamedJob } from "./jobs.ts";
import { mainContainerName, shell } from "./task-definition.ts";

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
          TaskDefinitionArn: ref("CommandTask"),
          LaunchType: "FARGATE",
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: subnets,
              SecurityGroups: [taskSecurityGroupId],
              AssignPublicIp: publicIp,
            },
          },
        },
        Input: literal(taskOverrides(app.build, named.job)),
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
            resource: ref("CommandTask"),
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

const taskOverrides = (build: CompileContext["app"]["build"], { command, size }: NamedJob["job"]): string => {
  const [program, flag] = shell(build, "");
  const containerOverrides = [{ name: mainContainerName, command: [program, flag, command] }];
  if (!size) return JSON.stringify({ containerOverrides });
  const { cpu, memory } = taskSizes[size];
  return JSON.stringify({ containerOverrides, cpu: `${cpu}`, memory: `${memory}` });
};
