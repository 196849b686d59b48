import type { Job, Size } from "../../../../app.ts";
import { containerProcess } from "../../../container-process.ts";
import { jobSize } from "../../../job-size.ts";
import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { EnvEntry } from "../environment.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { jobPolicy, jobPrerequisites } from "../resources/custom-resource.ts";
import { taskSecurityGroupId } from "../resources/security-groups.ts";
import { internetRouteReady, taskNetworking } from "../resources/vpc.ts";
import { processProperties, taskDefinition } from "./task-definition.ts";

/** A job with the prefix of its logical ids. */
export interface NamedJob {
  job: Job;
  id: string;
  step: string;
}

const taskSize = (size: Size) => {
  const { cpu, memory } = taskSizes[size];
  return { Cpu: `${cpu}`, Memory: `${memory}` };
};

/** Returns the entrypoints that jobs need, each once: RunTask overrides a command, but not an entrypoint. */
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

/** The task definitions that jobs share, one for each entrypoint. Each run overrides the command. */
export const jobTaskDefinitions = (
  context: CompileContext,
  { entries, step, waitsForJobs }: { entries: EnvEntry[]; step: TemplateFragment["step"]; waitsForJobs: boolean },
): TemplateFragment => ({
  ...(step ? { step } : {}),
  resources: {
    ...(waitsForJobs ? { JobPolicy: jobPolicy(jobTaskIds(context)) } : {}),
    ...Object.fromEntries(
      jobEntrypoints(context).map((entrypoint, index) => [
        taskId(index),
        taskDefinition(context, {
          name: "jobs",
          size: jobSize(context.app),
          build: context.app.build,
          entries,
          environment: {},
          containerOptions: processProperties({ entrypoint, args: null }),
        }),
      ]),
    ),
  },
});

/** Runs jobs in sequence before any service starts. The stack waits for each and fails with it. */
export function jobs(context: CompileContext, namedJobs: NamedJob[]): TemplateFragment[] {
  const { subnets, publicIp } = taskNetworking(context);
  const { app } = context;
  return namedJobs.map(({ job, id, step }, index) => {
    const previous = namedJobs[index - 1];
    const task = jobTask(context, job);
    const customResource: Resource = {
      Type: "Custom::Job",
      DependsOn: [...jobPrerequisites, ...(previous ? [`${previous.id}Run`] : [])],
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
        ...(job.size ? taskSize(job.size) : {}),
        ...(job.timeout ? { Seconds: `${Math.ceil(job.timeout)}` } : {}),
        Subnets: subnets,
        SecurityGroups: [taskSecurityGroupId],
        PublicIp: publicIp,
        Network: internetRouteReady(context),
        LogGroup: ref("LogGroup"),
        Stream: "jobs",
      },
    };
    return { step: { name: step, title: `Run the job ${job.name}` }, resources: { [`${id}Run`]: customResource } };
  });
}
