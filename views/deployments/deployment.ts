import type { Deployment, StepState } from "../../src/plan.ts";
import { appHeader } from "../app-header.ts";
import type { CloudSummary } from "../cloud.ts";
import { duration } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import { failureBox, nextAction } from "./next-action.ts";

export interface DeploymentPage extends Page {
  deployment: Deployment;
  /** `path` is the app's page, with its query. */
  app: { name: string; logo: string; path: string };
  cloud: CloudSummary;
  /** `elapsed` in milliseconds; null: not begun, or not known. */
  steps: { name: string; title: string; state: StepState; message: string; elapsed: number | null }[];
  /** The last lines, oldest first. */
  log: string[];
  /** The id of the last event that is part of this page. */
  lastEvent: number;
  /** What has been cleaned up, what is still there: sentences. */
  notes: string[];
  canRetry: boolean;
  /** Until when the lent access is kept for a retry, ISO. */
  retryUntil: string | null;
  now: Date;
  /** Whose fault a failure is, where it is known. */
  fault?: "app" | "cloud" | "slipway";
  /** Whether access has to be lent once more to remove it. */
  needsAccess?: boolean;
  /** Access has lapsed: where it is lent anew, and who has done so in this browser. */
  reconnect?: { connect: string; account: string | null };
  /** Whether it is the removal that failed, and not the deployment. */
  wasRemoval?: boolean;
}

export const deploymentPage = (page: DeploymentPage) => {
  const { deployment, app } = page;
  const live = deployment.state === "running" || deployment.state === "removing";
  const title = heading(page);
  return layout({
    assets: page.assets,
    title,
    scripts: live ? ["deployment.js"] : [],
    refresh: live ? 3 : 0,
    body: html`
${appHeader(app, title, facts(page))}
${deployment.state === "failed" ? failureBox(page) : ""}
${live ? "" : nextAction(page)}
${deployment.state === "failed" ? "" : remarks(page.notes)}
<div id="progress" data-id="${deployment.id}" data-state="${deployment.state}" data-last-event="${page.lastEvent}" data-now="${page.now.toISOString()}" data-created="${deployment.created}">
${progress(page)}
${stepList(page)}
${live ? nextAction(page) : ""}
${logBox(page.log, live)}
</div>`,
  });
};

function heading({ deployment, app, cloud, wasRemoval }: DeploymentPage): string {
  const there = cloud.inSentence;
  if (wasRemoval) return `${app.name} could not be removed from ${there}`;
  if (deployment.error?.lapsed) return `${app.name} waits for your access to ${there}`;
  const said: Record<Deployment["state"], string> = {
    running: `${app.name} is on its way to ${there}`,
    succeeded: `${app.name} is running on ${there}`,
    failed: `${app.name} did not get to ${there}`,
    removing: `${app.name} is being removed from ${there}`,
    removed: `${app.name} was removed from ${there}`,
  };
  return said[deployment.state];
}

const facts = ({ deployment, app, cloud }: DeploymentPage) => html`<p class="facts">
<a href="${safeUrl(app.path)}">${deployment.repo}</a>
<code>${deployment.commit.slice(0, 7)}</code>
${cloud.billed ? html`<span>${deployment.region} · ${deployment.preset}</span>` : ""}
</p>`;

const remarks = (notes: string[]) =>
  notes.length > 0 ? html`<div class="box">${notes.map((note) => html`<p>${note}</p>`)}</div>` : "";

function progress({ deployment, steps, now }: DeploymentPage): Html | string {
  if (steps.length === 0) return html`<p class="quiet" role="status">Nothing has been created yet.</p>`;
  const removing = deployment.state === "removing" || deployment.state === "removed";
  const goal = removing ? "removed" : "done";
  const begun = removing ? steps.filter((step) => step.state !== "waiting") : steps;
  const reached = begun.filter((step) => step.state === goal).length;
  const end = deployment.finished === null ? now : new Date(deployment.finished);
  const doing = steps.find((step) => step.state === "running");
  return html`<div class="progress-line">
<p role="status"><b><span data-part="reached">${reached}</span> of <span data-part="total">${begun.length}</span> steps ${removing ? "removed" : "done"}</b>
<span class="quiet" data-part="doing">${deployment.state === "running" ? (doing?.title ?? "") : ""}</span></p>
<p class="time" aria-hidden="true" data-part="elapsed">${duration(end.getTime() - new Date(deployment.created).getTime())}</p>
</div>
<progress max="${Math.max(1, begun.length)}" value="${reached}" aria-label="Steps ${removing ? "removed" : "done"}"></progress>`;
}

const stateName: Record<StepState, string> = {
  waiting: "waiting",
  running: "under way",
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
<div class="step-text"><p><span dir="auto">${step.title}</span><span class="unseen" data-part="state">, ${stateName[step.state]}</span></p>
<p class="quiet small words" dir="auto" data-part="message">${step.message}</p></div>
<span class="time quiet small" data-part="time">${step.elapsed === null ? "" : duration(step.elapsed)}</span>
</li>`,
  )}</ol>`;

const logBox = (
  log: string[],
  live: boolean,
) => html`<section class="log" ${log.length === 0 ? "hidden" : ""} data-part="log-section">
<h2 id="log-title">Log</h2>
<pre tabindex="0" role="region" aria-labelledby="log-title" data-part="log">
${log.slice(-500).join("\n")}</pre>
${live ? html`<noscript><p class="quiet small">This page loads itself again every three seconds.</p></noscript>` : ""}
</section>`;
