import type { App, Job, Service, Variable } from "../src/app.ts";
import { html } from "./html.ts";
import { plural, resourceName } from "./phrases.ts";

/** What an app needs, as a line of small chips. */
export function needs(app: App) {
  const asked = app.variables.filter(isAsked).length;
  return html`<ul class="chips" aria-label="What it needs">
${app.services.map((service) => html`<li><b dir="auto">${service.name}</b> ${scale(service)}</li>`)}
${app.resources.map((resource) => html`<li><b>${resourceName[resource.type]}</b> ${resource.version ?? ""}</li>`)}
${app.jobs.map((job) => html`<li><b dir="auto">${job.name}</b> ${when(job)}</li>`)}
${asked > 0 ? html`<li><b>${plural(asked, "answer")}</b> from you</li>` : ""}
</ul>`;
}

/** Nothing but the visitor can say it: no default that could be meant, and nothing we can make up. */
export const isAsked = (variable: Variable) =>
  variable.required && variable.generator === null && variable.default === null;

export function scale({ scale: { min, max }, size }: Service): string {
  const count = min === max ? String(min) : `${min}–${max}`;
  return `${count} × ${size}`;
}

export function when(job: Job): string {
  if (job.when === "schedule") return job.schedule === null ? "on a schedule" : `at ${job.schedule}`;
  return job.when === "first" ? "once, at the start" : "before each release";
}
