import type { Job } from "../../app.ts";
import { cronOf } from "../cron.ts";
import { short } from "../syntax/diagnostics.ts";
import type { Cloud } from "./schema.ts";
import type { SourceLocation } from "./variables.ts";

/** Returns the jobs, as `cloud.jobs` refines them. */
export function refineJobs(current: readonly Job[], cloud: Cloud, location: SourceLocation): Job[] {
  const jobs = new Map(current.map((job) => [job.name, job]));
  for (const [name, spec] of Object.entries(cloud.jobs ?? {})) {
    const when = spec.when ?? (spec.schedule === undefined ? "release" : "schedule");
    const schedule = spec.schedule === undefined ? null : cronOf(spec.schedule);
    if ((when === "schedule") !== (schedule !== null)) {
      const message =
        spec.schedule === undefined
          ? `\`jobs.${short(name)}\` has no schedule.`
          : `\`${short(spec.schedule)}\` is no schedule of five fields for this job.`;
      location.report.problem(location.at("jobs", name, "schedule"), message, 'Write `"schedule": "0 3 * * *"`.');
      continue;
    }
    const extra = { ...(spec.timeout ? { timeout: spec.timeout } : {}), ...(spec.size ? { size: spec.size } : {}) };
    jobs.set(name, { name, entrypoint: spec.entrypoint ?? null, command: spec.command, when, schedule, ...extra });
  }
  return [...jobs.values()];
}
