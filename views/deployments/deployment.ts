import type { Deployment, StepState } from "../../src/plan.ts";
import { appHeader } from "../app-header.ts";
import { duration } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import type { DeploymentPage } from "./deployment-data.ts";
import { failureBox, nextAction } from "./next-action.ts";

export const deploymentPage = (page: DeploymentPage) => {
  const { deployment, app } = page;
  const isLive = deployment.state === "running" || deployment.state === "removing";
  const title = heading(page);
  return layout({
    assets: page.assets,
    title,
    scripts: isLive ? ["deployment.js"] : [],
    refresh: isLive ? 3 : 0,
    body: html`
${appHeader(app, title, deploymentFacts(page))}
${deployment.state === "failed" ? failureBox(page) : ""}
${isLive ? "" : nextAction(page)}
${deployment.state === "failed" ? "" : noteBox(page.notes)}
<div id="progress" data-id="${deployment.id}" data-state="${deployment.state}" data-last-event="${page.lastEvent}" data-now="${page.now.toISOString()}" data-created="${deployment.created}">
${progressBar(page)}
${stepList(page)}
${isLive ? nextAction(page) : ""}
${logBox(page.log, isLive)}
</div>`,
  });
};

function heading({ deployment, app, cloud, wasRemoval }: DeploymentPage): string {
  const place = cloud.inSentence;
  if (wasRemoval) return `${app.name} couldn't be removed from ${place}`;
  if (deployment.error?.lapsed) return `${app.name} is waiting for access to ${place}`;
  const headings: Record<Deployment["state"], string> = {
    running: `Deploying ${app.name} to ${place}…`,
    succeeded: `${app.name} is running on ${place}`,
    failed: `${app.name} wasn't deployed to ${place}`,
    removing: `Removing ${app.name} from ${place}…`,
    removed: `${app.name} was removed from ${place}`,
  };
  return headings[deployment.state];
}

const deploymentFacts = ({ deployment, app, cloud }: DeploymentPage) => html`<p class="facts">
<a href="${safeUrl(app.path)}">${deployment.repo}</a>
<code>${deployment.commit.slice(0, 7)}</code>
${cloud.billed ? html`<span>${deployment.region} · ${deployment.preset}</span>` : ""}
</p>`;

const noteBox = (notes: string[]) =>
  notes.length > 0 ? html`<div class="box">${notes.map((note) => html`<p>${note}</p>`)}</div>` : "";

function progressBar({ deployment, steps, now }: DeploymentPage): Html | string {
  if (steps.length === 0) return html`<p class="quiet" role="status">Nothing has been created yet.</p>`;
  const removing = deployment.state === "removing" || deployment.state === "removed";
  const targetState = removing ? "removed" : "done";
  const started = removing ? steps.filter((step) => step.state !== "waiting") : steps;
  const completed = started.filter((step) => step.state === targetState).length;
  const end = deployment.finished === null ? now : new Date(deployment.finished);
  const currentStep = steps.find((step) => step.state === "running");
  return html`<div class="progress-line">
<p role="status"><b><span data-part="reached">${completed}</span> of <span data-part="total">${started.length}</span> steps ${removing ? "removed" : "done"}</b>
<span class="quiet" data-part="doing">${deployment.state === "running" ? (currentStep?.title ?? "") : ""}</span></p>
<p class="time" aria-hidden="true" data-part="elapsed">${duration(end.getTime() - new Date(deployment.created).getTime())}</p>
</div>
<progress max="${Math.max(1, started.length)}" value="${completed}" aria-label="Steps ${removing ? "removed" : "done"}"></progress>`;
}

const stateLabels: Record<StepState, string> = {
  waiting: "waiting",
  running: "in progress",
  done: "done",
  failed: "failed",
  removed: "removed",
};

const stepList = ({ steps }: DeploymentPage) =>
  html`<ol class="steps" aria-label="Steps">${steps.map(
    (
      step,
    ) => html`<li class="step" data-step="${step.name}" data-state="${step.state}" ${step.elapsed === null ? "" : html`data-elapsed="${step.elapsed}"`}>
<span class="step-mark" aria-hidden="true"></span>
<div class="step-text"><p><span dir="auto">${step.title}</span><span class="unseen" data-part="state">, ${stateLabels[step.state]}</span></p>
<p class="quiet small words" dir="auto" data-part="message">${step.message}</p></div>
<span class="time quiet small" data-part="time">${step.elapsed === null ? "" : duration(step.elapsed)}</span>
</li>`,
  )}</ol>`;

const logBox = (
  log: string[],
  isLive: boolean,
) => html`<section class="log" ${log.length === 0 ? "hidden" : ""} data-part="log-section">
<h2 id="log-title">Log</h2>
<pre tabindex="0" role="region" aria-labelledby="log-title" data-part="log">
${log.slice(-500).join("\n")}</pre>
${isLive ? html`<noscript><p class="quiet small">This page reloads every three seconds.</p></noscript>` : ""}
</section>`;
