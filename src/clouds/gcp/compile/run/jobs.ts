import type { Job, Size } from "../../../../app.ts";
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

/** Jobs, migrations above all, need more memory than the service they belong to, and only for minutes. */
const sizeOf = ({ app }: CompileContext, { size }: Job): Size => {
  const usual = app.services[0]?.size ?? "S";
  return size ?? (usual === "S" ? "M" : usual);
};

/** Seconds: what a job gets that does not say, and a day, after which Cloud Run promises nothing. */
const usualTime = 3600;
const longestTime = 86_400;

/** A job as Cloud Run keeps it, to be run; it is never tried twice, because nobody knows what half of it has done. */
function definition(
  setting: CompileContext,
  job: Job,
  name: TextPart[],
  { environment, all, folder }: TemplateInputs,
): ManagedResource {
  const sidecars = sqlProxyContainers(setting, all);
  const app = container(
    setting,
    {
      name: "app",
      build: setting.app.build,
      process: job,
      entries: environment.entries,
      resources: sizes[sizeOf(setting, job)],
    },
    { proxied: sidecars.length > 0, folder },
  );
  const seconds = Math.min(Math.ceil(job.timeout ?? usualTime), longestTime);
  return regionalResource({
    id: "job",
    api: "run",
    collection: "jobs",
    key: "jobId",
    name,
    body: {
      labels: resourceLabels(setting.app),
      template: {
        taskCount: 1,
        template: {
          serviceAccount: concat(accountEmail("run")),
          containers: [app, ...sidecars],
          maxRetries: 0,
          timeout: `${seconds}s`,
          ...directVpcEgress(all),
        },
      },
    },
  });
}

/** Runs jobs one after the other before anything goes live. */
export function jobs(setting: CompileContext, all: Job[], around: TemplateInputs): StackFragment {
  const steps = [];
  let after = [...around.after, ...imageSteps(setting.app, setting.app.build)];
  for (const job of all) {
    const step = setting.step(job.name, "job");
    const name = resourceName(setting.app.slug, setting.suffix(job.name, "job"));
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
      resources: [definition(setting, job, name, around), run],
    });
    after = [step];
  }
  return { steps };
}

export const isScheduled = ({ when, schedule }: Job): boolean => when === "schedule" && cron(schedule ?? "") !== null;

/** Runs jobs when it is their time. */
export function scheduledJobs(setting: CompileContext, around: TemplateInputs): StackFragment {
  const { app, region } = setting;
  const timed = app.jobs.filter(isScheduled);
  if (timed.length === 0) return {};
  const extra = sqlProxyContainers(setting, around.all).length > 0 ? proxySize : { cpu: 0, memory: 0 };
  return {
    steps: [
      {
        name: "schedule",
        title: "Schedule",
        after: [...around.after, ...imageSteps(app, app.build)],
        resources: timed.flatMap((job) => timer(setting, job, around)),
      },
    ],
    lines: timed.map((job) => {
      const { cpu, memory } = sizes[sizeOf(setting, job)];
      const size = { cpu: cpu + extra.cpu, memory: memory + extra.memory };
      return scheduleLine(region, job.name, size, cron(job.schedule ?? "")?.runsPerMonth ?? 0);
    }),
  };
}

function timer(setting: CompileContext, job: Job, around: TemplateInputs): Resource[] {
  const suffix = setting.suffix(job.name, "job");
  const name = resourceName(setting.app.slug, suffix);
  const whole = [...locationPath, "/jobs/", ...name];
  const made = definition(setting, job, name, around);
  const may = iamMember({
    id: `${suffix}/start`,
    api: "run",
    on: "projects.locations.jobs",
    name: whole,
    role: "roles/run.invoker",
    member: serviceAccountMember(accountEmail("schedule")),
  });
  const time: ManagedResource = {
    id: `${suffix}/time`,
    kind: "thing",
    create: {
      api: "cloudscheduler",
      method: "projects.locations.jobs.create",
      params: { parent: concat(...locationPath) },
      body: {
        name: concat(...whole),
        schedule: cron(job.schedule ?? "")?.expression ?? "",
        timeZone: "Etc/UTC",
        httpTarget: {
          uri: concat("https://run.googleapis.com/v2/", ...whole, ":run"),
          httpMethod: "POST",
          oauthToken: { serviceAccountEmail: concat(accountEmail("schedule")) },
        },
      },
    },
    ...readAndDelete("cloudscheduler", "jobs", name),
    mark: null,
  };
  return [{ ...made, id: suffix }, may, time];
}
