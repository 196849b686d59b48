import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import { scheduleLine } from "../../prices.ts";
import type { Piece, Setting } from "../context.ts";
import { att, literal, ref } from "../intrinsics.ts";
import { passRoles } from "../resources/custom-resource.ts";
import { placement } from "../resources/vpc.ts";
import { role, sameAccount } from "./cluster.ts";
import { schedules } from "./cron.ts";
import { jobSize, type Work } from "./jobs.ts";
import { container, shell } from "./task-definition.ts";

/** Runs jobs when it is their time, by EventBridge. */
export function schedule(setting: Setting, works: Work[], after: string[]): Piece {
  const { app, region } = setting;
  const { subnets, publicIp } = placement(setting);
  const timed = works.flatMap((work) => {
    const found = schedules(work.job.schedule ?? "");
    return found ? [{ ...work, ...found }] : [];
  });
  if (timed.length === 0) return {};
  const one = (work: Work, expression: string): Resource => ({
    Type: "AWS::Scheduler::Schedule",
    ...(after.length > 0 ? { DependsOn: after } : {}),
    Properties: {
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: {
        Arn: att("Cluster", "Arn"),
        RoleArn: att("SchedulerRole", "Arn"),
        EcsParameters: {
          TaskDefinitionArn: ref("CommandTask"),
          LaunchType: "FARGATE",
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: subnets,
              SecurityGroups: [att("TaskSecurityGroup", "GroupId")],
              AssignPublicIp: publicIp,
            },
          },
        },
        Input: literal(overrides(app.build, work.job)),
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      },
    },
  });
  return {
    step: { name: "schedule", title: "Schedule" },
    resources: {
      SchedulerRole: role(
        "scheduler.amazonaws.com",
        [
          {
            actions: ["ecs:RunTask"],
            on: ref("CommandTask"),
            when: { ArnEquals: { "ecs:cluster": att("Cluster", "Arn") } },
          },
          passRoles,
        ],
        sameAccount,
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

const overrides = (build: Setting["app"]["build"], { command, size }: Work["job"]): string => {
  const [program, flag] = shell(build, "");
  const containerOverrides = [{ name: container, command: [program, flag, command] }];
  if (!size) return JSON.stringify({ containerOverrides });
  const { cpu, memory } = taskSizes[size];
  return JSON.stringify({ containerOverrides, cpu: `${cpu}`, memory: `${memory}` });
};
