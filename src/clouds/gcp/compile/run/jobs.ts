import type { Job } from "../../../../app.ts";
import { jobSize } from "../../../job-size.ts";
import { sizes } from "../../presets.ts";
import { scheduleLine } from "../../prices.ts";
import type { Action, ManagedResource, Resource } from "../../stack.ts";
import type { CompileContext, StackFragment } from "../context.ts";
import { concat, locationPath, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { iamMember, readAndDelete, regionalResource } from "../resource-builders.ts";
import { imageSteps } from "../resources/artifact-registry.ts";
import { accountEmail, serviceAccountMember } from "../resources/service-accounts.ts";
import { proxySize, sqlProxyContainers } from "./cloud-sql-proxy.ts";
import { container } from "./container.ts";
import { schedule as cron } from "./cron.ts";
import { directVpcEgress, type TemplateInputs } from "./revision-template.ts";

/** In seconds. Cloud Run guarantees nothing beyond a day. */
const defaultTimeout = 3600;
const maxTimeout = 86_400;

/** Compiles a Cloud Run job. It is never retried, because a failed run may have done half of its work. */
function compileJob(
  context: CompileContext,
  job: Job,
  name: TextPart[],
  { environment, resources, bucketFor }: TemplateInputs,
): ManagedResource {
  const sidecars = sqlProxyContainers(context, resources);
  const app = container(
    context,
    {
      name: "app",
      build: context.app.build,
      process: job,
      entries: environment.entries,
      resources: sizes[jobSize(context.app, job)],
    },
    { proxied: sidecars.length > 0, bucketFor: bucketFor },
  );
  const seconds = Math.min(Math.ceil(job.timeout ?? defaultTimeout), maxTimeout);
  return regionalResource({
    id: "job",
    api: "run",
    collection: "jobs",
    idParam: "jobId",
    name,
    body: {
      labels: resourceLabels(context.app),
      template: {
        taskCount: 1,
        template: {
          serviceAccount: concat(accountEmail("run")),
          containers: [app, ...sidecars],
          maxRetries: 0,
          timeout: `${seconds}s`,
          ...directVpcEgress(resources),
        },
      },
    },
  });
}

/** Runs jobs one after another before any service goes live. */
export function jobs(context: CompileContext, jobsToRun: Job[], inputs: TemplateInputs): StackFragment {
  const steps = [];
  let after = [...inputs.after, ...imageSteps(context.app, context.app.build)];
  for (const job of jobsToRun) {
    const step = context.step(job.name, "job");
    const name = resourceName(context.app.slug, context.suffix(job.name, "job"));
    const run: Action = {
      id: "run",
      kind: "act",
      start: {
        api: "run",
        method: "projects.locations.jobs.run",
        params: { name: concat(...locationPath, "/jobs/", ...name) },
        body: {},
      },
    };
    steps.push({
      name: step,
      title: `Run the job ${job.name}`,
      after,
      resources: [compileJob(context, job, name, inputs), run],
    });
    after = [step];
  }
  return { steps };
}

export const isScheduled = ({ when, schedule }: Job): boolean => when === "schedule" && cron(schedule ?? "") !== null;

/** Runs jobs on their schedules. */
export function scheduledJobs(context: CompileContext, inputs: TemplateInputs): StackFragment {
  const { app, region } = context;
  const scheduled = app.jobs.filter(isScheduled);
  if (scheduled.length === 0) return {};
  const proxyLimits = sqlProxyContainers(context, inputs.resources).length > 0 ? proxySize : { cpu: 0, memory: 0 };
  return {
    steps: [
      {
        name: "schedule",
        title: "Schedule",
        after: [...inputs.after, ...imageSteps(app, app.build)],
        resources: scheduled.flatMap((job) => scheduledJob(context, job, inputs)),
      },
    ],
    lines: scheduled.map((job) => {
      const { cpu, memory } = sizes[jobSize(context.app, job)];
      const size = { cpu: cpu + proxyLimits.cpu, memory: memory + proxyLimits.memory };
      return scheduleLine(region, job.name, size, cron(job.schedule ?? "")?.runsPerMonth ?? 0);
    }),
  };
}

function scheduledJob(context: CompileContext, job: Job, inputs: TemplateInputs): Resource[] {
  const suffix = context.suffix(job.name, "job");
  const name = resourceName(context.app.slug, suffix);
  const jobPath = [...locationPath, "/jobs/", ...name];
  const jobResource = compileJob(context, job, name, inputs);
  const invoker = iamMember({
    id: `${suffix}/start`,
    api: "run",
    collection: "projects.locations.jobs",
    name: jobPath,
    role: "roles/run.invoker",
    member: serviceAccountMember(accountEmail("schedule")),
  });
  const schedulerJob: ManagedResource = {
    id: `${suffix}/time`,
    kind: "thing",
    create: {
      api: "cloudscheduler",
      method: "projects.locations.jobs.create",
      params: { parent: concat(...locationPath) },
      body: {
        name: concat(...jobPath),
        schedule: cron(job.schedule ?? "")?.expression ?? "",
        timeZone: "Etc/UTC",
        httpTarget: {
          uri: concat("https://run.googleapis.com/v2/", ...jobPath, ":run"),
          httpMethod: "POST",
          oauthToken: { serviceAccountEmail: concat(accountEmail("schedule")) },
        },
      },
    },
    ...readAndDelete("cloudscheduler", "jobs", name),
    mark: null,
  };
  return [{ ...jobResource, id: suffix }, invoker, schedulerJob];
}
