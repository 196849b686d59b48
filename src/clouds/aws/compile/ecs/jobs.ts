import type { Job, Size } from "../../../../app.ts";
import { containerProcess } from "../../../container-process.ts";
import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { EnvEntry } from "../environment.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { jobPolicy, jobPrerequisites } from "../resources/custom-resource.ts";
import { internetRouteReady, taskNetworking } from "../resources/vpc.ts";
import { processProperties, taskDefinition } from "./task-definition.ts";

/** A job with the beginning of its logical ids. */
export interface NamedJob {
  job: Job;
  id: string;
  step: string;
}

/** Jobs, migrations above all, need more memory than the service they belong to, and only for minutes. */
export const jobSize = ({ app }: CompileContext): Size => {
  const size = app.services[0]?.size ?? "S";
  return size === "S" ? "M" : size;
};

const sized = (size: Size) => {
  const { cpu, memory } = taskSizes[size];
  return { Cpu: `${cpu}`, Memory: `${memory}` };
};

/** Returns the entrypoints that jobs need, each once: RunTask can override a command, but no entrypoint. */
const jobEntrypoints = ({ app }: CompileContext): (string[] | null)[] => {
  const entrypoints = app.jobs.map((job) => containerProcess(app.build, job).entrypoint);
  return [...new Map(entrypoints.map((entrypoint) => [JSON.stringify(entrypoint), entrypoint])).values()];
};

const taskId = (index: number) => `CommandTask${index === 0 ? "" : index + 1}`;

/** Returns the logical ids of the task definitions that jobs run in. */
export const jobTaskIds = (context: CompileContext): string[] =>
  jobEntrypoints(context).map((_, index) => taskId(index));

/** Returns the task definition that a job runs in, and the command it overrides. */
export function jobTask(context: CompileContext, job: Job): { id: string; command: string[] } {
  const { entrypoint, args } = containerProcess(context.app.build, job);
  const key = JSON.stringify(entrypoint);
  const index = jobEntrypoints(context).findIndex((other) => JSON.stringify(other) === key);
  return { id: taskId(index), command: args ?? [] };
}

/** The tasks that jobs run in, with a command of its own each time. */
export const jobTaskDefinitions = (
  setting: CompileContext,
  { entries, step, waits }: { entries: EnvEntry[]; step: TemplateFragment["step"]; waits: boolean },
): TemplateFragment => ({
  ...(step ? { step } : {}),
  resources: {
    ...(waits ? { JobPolicy: jobPolicy(jobTaskIds(setting)) } : {}),
    ...Object.fromEntries(
      jobEntrypoints(setting).map((entrypoint, index) => [
        taskId(index),
        taskDefinition(setting, {
          name: "jobs",
          size: jobSize(setting),
          build: setting.app.build,
          entries,
          own: {},
          app: processProperties({ entrypoint, args: null }),
        }),
      ]),
    ),
  },
});

/** Runs jobs one after the other before anything goes live; the stack waits for each, and fails with it. */
export function jobs(setting: CompileContext, works: NamedJob[]): TemplateFragment[] {
  const { subnets, publicIp } = taskNetworking(setting);
  const { app } = setting;
  return works.map(({ job, id, step }, index) => {
    const earlier = works[index - 1];
    const task = jobTask(setting, job);
    const run: Resource = {
      Type: "Custom::Job",
      DependsOn: [...jobPrerequisites, ...(earlier ? [`${earlier.id}Run`] : [])],
      Properties: {
        ServiceToken: getAtt("Runner", "Arn"),
        Kind: "job",
        Title: literal(`The job ${job.name}`),
        Once: job.when === "first" ? "true" : "false",
        // A new commit runs the release again.
        Commit: literal(app.source.commit),
        Cluster: ref("Cluster"),
        Task: ref(task.id),
        Command: task.command.map((arg) => literal(arg)),
        ...(job.size ? sized(job.size) : {}),
        ...(job.timeout ? { Seconds: `${Math.ceil(job.timeout)}` } : {}),
        Subnets: subnets,
        SecurityGroups: [getAtt("TaskSecurityGroup", "GroupId")],
        PublicIp: publicIp,
        Network: internetRouteReady(setting),
        LogGroup: ref("LogGroup"),
        Stream: "jobs",
      },
    };
    return { step: { name: step, title: `Run the job ${job.name}` }, resources: { [`${id}Run`]: run } };
  });
}
