import type { App, Job, Service, Size, Variable } from "../../src/app.ts";
import { plural, resourceName } from "../format.ts";
import { html } from "../html.ts";

/** The app's services, resources and jobs as a row of chips. */
export function requirementChips(app: App) {
  const answerCount = app.variables.filter(needsAnswer).length;
  return html`<ul class="chips" aria-label="What it needs">
${app.services.map((service) => html`<li><b dir="auto">${service.name}</b> ${scaleText(service)}</li>`)}
${app.resources.map((resource) => html`<li><b>${resourceName[resource.type]}</b> ${resource.version ?? ""}</li>`)}
${app.jobs.map((job) => html`<li><b dir="auto">${job.name}</b> job, ${jobTiming(job)}</li>`)}
${answerCount > 0 ? html`<li><b>${plural(answerCount, "setting")}</b> to fill in</li>` : ""}
</ul>`;
}

/** Whether only the visitor can supply the value: no default and no generator. */
export const needsAnswer = (variable: Variable) =>
  variable.required && variable.generator === null && variable.default === null;

export const sizeName: Record<Size, string> = { S: "small", M: "medium", L: "large", XL: "extra large" };

export function scaleText({ scale: { min, max }, size }: Service): string {
  const count = min === max ? String(min) : `${min}–${max}`;
  return `${count} × ${sizeName[size]}`;
}

export function jobTiming(job: Job): string {
  if (job.when === "schedule") return job.schedule === null ? "on a schedule" : describeSchedule(job.schedule);
  return job.when === "first" ? "once, on the first deploy" : "on every deploy";
}

/** The most common cron schedules as text; others unchanged. */
function describeSchedule(schedule: string): string {
  const [minute = "", hour = "", ...rest] = schedule.split(" ");
  if (rest.join(" ") !== "* * *") return schedule;
  if (/^\d+$/.test(minute) && /^\d+$/.test(hour))
    return `daily at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")} UTC`;
  if (/^\d+$/.test(minute) && hour === "*") return "every hour";
  const interval = /^\*\/(\d+)$/.exec(minute)?.[1];
  return interval && hour === "*" ? `every ${interval} minutes` : schedule;
}
