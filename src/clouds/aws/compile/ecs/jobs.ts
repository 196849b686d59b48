import type { Job, Size } from "../../../../app.ts";
import { jobSize } from "../../../job-size.ts";
import type { Resource } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { EnvEntry } from "../environment.ts";
import { getAtt, literal, ref } from "../intrinsics.ts";
import { jobPolicy, jobPrerequisites } from "../resources/custom-resource.ts";
import { taskSecurityGroupId } from "../resources/security-groups.ts";
import { internetRouteReady, taskNetworking } from "../resources/vpc.ts";
import { entryPoint, shell, taskDefinition } from "./task-definition.ts";

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

/** The task definition that all jobs share. Each run overrides its command. */
export const jobTaskDefinition = (
  context: CompileContext,
  { entries, step, waitsForJobs }: { entries: EnvEntry[]; step: TemplateFragment["step"]; waitsForJobs: boolean },
): TemplateFragment => ({
  ...(step ? { step } : {}),
  resources: {
    ...(waitsForJobs ? { JobPolicy: jobPolicy() } : {}),
    CommandTask: taskDefinition(context, {
      name: "jobs",
      size: jobSize(context.app),
      build: context.app.build,
      entries,
      environment: {},
      containerOptions: entryPoint(context.app.build),
    }),
  },
});

/** Runs jobs in sequence before any service starts. The stack waits for each and fails with it. */
export function jobs(context: CompileContext, namedJobs: NamedJob[]): TemplateFragment[] {
  const { subnets, publicIp } = taskNetworking(context);
  const { app } = context;
  return namedJobs.map(({ job, id, step }, index) => {
    const previous = namedJobs[index - 1];
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
        Task: ref("CommandTask"),
        Command: shell(app.build, job.command),
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
