import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import { scheduleLine } from "../../prices.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { oneOrMany, passRoleStatement } from "../resources/custom-resource.ts";
import { taskNetworking } from "../resources/vpc.ts";
import { iamRole, sourceAccountCondition } from "./cluster.ts";
import { schedules } from "./cron.ts";
import { jobSize, jobTask, jobTaskIds, type NamedJob } from "./jobs.ts";
import { mainContainerName } from "./task-definition.ts";

/** Runs jobs when it is their time, by EventBridge. */
export function eventBridgeSchedule(setting: CompileContext, works: NamedJob[], after: string[]): TemplateFragment {
  const { region } = setting;
  const { subnets, publicIp } = taskNetworking(setting);
  const timed = works.flatMap((work) => {
    const found = schedules(work.job.schedule ?? "");
    return found ? [{ ...work, ...found }] : [];
  });
  if (timed.length === 0) return {};
  const one = (work: NamedJob, expression: string): Resource => ({
    Type: "AWS::Scheduler::Schedule",
    ...(after.length > 0 ? { DependsOn: after } : {}),
    Properties: {
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: {
        Arn: getAtt("Cluster", "Arn"),
        RoleArn: getAtt("SchedulerRole", "Arn"),
        EcsParameters: {
          TaskDefinitionArn: ref(jobTask(setting, work.job).id),
          LaunchType: "FARGATE",
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: subnets,
              SecurityGroups: [getAtt("TaskSecurityGroup", "GroupId")],
              AssignPublicIp: publicIp,
            },
          },
        },
        Input: literal(overrides(setting, work.job)),
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
            resource: oneOrMany(jobTaskIds(setting).map(ref)),
            condition: { ArnEquals: { "ecs:cluster": getAtt("Cluster", "Arn") } },
          },
          passRoleStatement,
        ],
        sourceAccountCondition,
      ),
      ...Object.fromEntries(
        timed.flatMap((work) =>
          work.expressions.map((expression, index) => [
            `${work.id}At${index === 0 ? "" : index + 1}`,
            one(work, expression),
          ]),
        ),
      ),
    },
    lines: timed.map(({ job, runsPerMonth }) =>
      scheduleLine(region, job.name, taskSizes[job.size ?? jobSize(setting)], runsPerMonth),
    ),
  };
}

const overrides = (context: CompileContext, job: NamedJob["job"]): string => {
  const containerOverrides = [{ name: mainContainerName, command: jobTask(context, job).command }];
  if (!job.size) return JSON.stringify({ containerOverrides });
  const { cpu, memory } = taskSizes[job.size];
  return JSON.stringify({ containerOverrides, cpu: `${cpu}`, memory: `${memory}` });
};
