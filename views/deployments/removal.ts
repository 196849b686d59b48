import type { Deployment, StepState } from "../../src/plan.ts";
import { type AccessFormProps, accessStep, consentStep } from "../access/access-step.ts";
import { appHeader } from "../app-header.ts";
import type { CloudSummary } from "../cloud.ts";
import { plural } from "../format.ts";
import { html } from "../html.ts";
import { layout, type Page } from "../layout.ts";

export interface RemovalPage extends Page {
  deployment: Deployment;
  app: { name: string; logo: string; path: string };
  cloud: CloudSummary;
  steps: { name: string; title: string; state: StepState }[];
  /** Where in the account it runs, if known. */
  where?: string;
  /** Whether the deployment is still running. */
  running: boolean;
  /** Set if access was wiped and is needed again: the form, with the problem of the last attempt. */
  access?: AccessFormProps & { problem: string | null };
}

export const removalPage = (page: RemovalPage) => {
  const { deployment, app, cloud, steps, running, access } = page;
  const existing = steps.filter((step) => step.state !== "waiting" && step.state !== "removed");
  const title = running ? `Stop ${app.name} and remove it?` : `Remove ${app.name} from ${cloud.inSentence}?`;
  return layout({
    assets: page.assets,
    title,
    body: html`
${appHeader(app, title, html`<p class="lead">${running ? "This stops the deployment and deletes everything it has created so far." : "This deletes everything the deployment created."}</p>`)}
${
  existing.length === 0
    ? html`<p class="box">Nothing has been created yet.</p>`
    : html`<section aria-labelledby="gone-title">
<div class="section-head"><h2 id="gone-title">What will be deleted</h2><p class="quiet">${plural(existing.length, "resource")}${page.where ? html` in <span dir="auto">${page.where}</span>` : ""}</p></div>
<ul class="plain-list">${existing.map((step) => html`<li dir="auto">${step.title}</li>`)}</ul>
</section>
<div class="box" data-kind="bad"><p><b>This deletes its data too.</b> Databases, files and everything else stored in ${app.name} will be deleted${deployment.url ? html`, and <span class="break">${deployment.url}</span> will stop working` : ""}. This can't be undone. Back up what you want to keep first.</p></div>`
}
${access?.consent ? consentStep({ ...access, name: cloud.inSentence, explain: `We deleted your access when the deployment ended, so give it again. ${access.explain}`, consent: { ...access.consent, create: undefined } }) : ""}
${access?.consent?.account === null && !access.problem ? html`<p class="actions"><a href="/deployments/${deployment.id}">Cancel</a></p>` : removalForm(page)}`,
  });
};

const removalForm = ({
  deployment,
  running,
  access,
}: RemovalPage) => html`<form ${access ? html`class="deploy" novalidate` : ""} action="/deployments/${deployment.id}/removal" method="post">
${access?.problem ? html`<div class="box" data-kind="bad" role="alert"><p>${access.problem}</p></div>` : ""}
${access ? accessStep({ ...access, explain: `We deleted your access when the deployment ended, so give it again. If the role still exists, filling in the fields below is enough. ${access.explain}` }) : ""}
<div class="actions"><button class="loud" data-kind="bad" type="submit">${running ? "Stop and delete everything" : "Delete app and data"}</button>
<a href="/deployments/${deployment.id}">Cancel</a></div>
</form>`;
