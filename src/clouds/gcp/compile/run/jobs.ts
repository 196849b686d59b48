import type { Job, Size } from "../../../../app.ts";
import { sizes } from "../../presets.ts";
import { scheduleLine } from "../../prices.ts";
import type { Act, Resource, Thing } from "../../stack.ts";
import type { Piece, Setting } from "../context.ts";
import { type Part, place, text } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named } from "../names.ts";
import { grant, located, lookedAfter } from "../resource-builders.ts";
import { imageReady } from "../resources/artifact-registry.ts";
import { accountEmail, member } from "../resources/service-accounts.ts";
import { proxies, proxySize } from "./cloud-sql-proxy.ts";
import { container } from "./container.ts";
import { schedule as cron } from "./cron.ts";
import { type Around, network } from "./revision-template.ts";

/** Jobs, migrations above all, need more memory than the service they belong to, and only for minutes. */
const sizeOf = ({ app }: Setting, { size }: Job): Size => {
  const usual = app.services[0]?.size ?? "S";
  return size ?? (usual === "S" ? "M" : usual);
};

/** Seconds: what a job gets that does not say, and a day, after which Cloud Run promises nothing. */
const usualTime = 3600;
const longestTime = 86_400;

/** A job as Cloud Run keeps it, to be run; it is never tried twice, because nobody knows what half of it has done. */
function definition(setting: Setting, job: Job, name: Part[], { environment, all, folder }: Around): Thing {
  const sidecars = proxies(setting, all);
  const app = container(
    setting,
    {
      name: "app",
      build: setting.app.build,
      command: job.command,
      entries: environment.entries,
      resources: sizes[sizeOf(setting, job)],
    },
    { proxied: sidecars.length > 0, folder },
  );
  const seconds = Math.min(Math.ceil(job.timeout ?? usualTime), longestTime);
  return located({
    id: "job",
    api: "run",
    collection: "jobs",
    key: "jobId",
    name,
    body: {
      labels: labels(setting.app),
      template: {
        taskCount: 1,
        template: {
          serviceAccount: text(accountEmail("run")),
          containers: [app, ...sidecars],
          maxRetries: 0,
          timeout: `${seconds}s`,
          ...network(all),
        },
      },
    },
  });
}

/** Runs jobs one after the other before anything goes live. */
export function jobs(setting: Setting, all: Job[], around: Around): Piece {
  const steps = [];
  let after = [...around.after, ...imageReady(setting.app, setting.app.build)];
  for (const job of all) {
    const step = setting.step(job.name, "job");
    const name = named(setting.app.slug, setting.suffix(job.name, "job"));
    const run: Act = {
      id: "run",
      kind: "act",
      start: {
        api: "run",
        method: "projects.locations.jobs.run",
        params: { name: text(...place, "/jobs/", ...name) },
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

export const isTimed = ({ when, schedule }: Job): boolean => when === "schedule" && cron(schedule ?? "") !== null;

/** Runs jobs when it is their time. */
export function schedule(setting: Setting, around: Around): Piece {
  const { app, region } = setting;
  const timed = app.jobs.filter(isTimed);
  if (timed.length === 0) return {};
  const extra = proxies(setting, around.all).length > 0 ? proxySize : { cpu: 0, memory: 0 };
  return {
    steps: [
      {
        name: "schedule",
        title: "Schedule",
        after: [...around.after, ...imageReady(app, app.build)],
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

function timer(setting: Setting, job: Job, around: Around): Resource[] {
  const suffix = setting.suffix(job.name, "job");
  const name = named(setting.app.slug, suffix);
  const whole = [...place, "/jobs/", ...name];
  const made = definition(setting, job, name, around);
  const may = grant({
    id: `${suffix}/start`,
    api: "run",
    on: "projects.locations.jobs",
    name: whole,
    role: "roles/run.invoker",
    member: member(accountEmail("schedule")),
  });
  const time: Thing = {
    id: `${suffix}/time`,
    kind: "thing",
    create: {
      api: "cloudscheduler",
      method: "projects.locations.jobs.create",
      params: { parent: text(...place) },
      body: {
        name: text(...whole),
        schedule: cron(job.schedule ?? "")?.expression ?? "",
        timeZone: "Etc/UTC",
        httpTarget: {
          uri: text("https://run.googleapis.com/v2/", ...whole, ":run"),
          httpMethod: "POST",
          oauthToken: { serviceAccountEmail: text(accountEmail("schedule")) },
        },
      },
    },
    ...lookedAfter("cloudscheduler", "jobs", name),
    mark: null,
  };
  return [{ ...made, id: suffix }, may, time];
}
