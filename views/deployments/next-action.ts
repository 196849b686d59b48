import { autolink } from "../autolink.ts";
import { dateTime } from "../format.ts";
import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";
import type { DeploymentPage } from "./deployment-data.ts";

/** Who caused the failure, the cloud's message, what to do, and what remains. */
export function failureBox(page: DeploymentPage): Html {
  const { deployment, steps, notes } = page;
  const { error } = deployment;
  const step = steps.find(({ name }) => name === error?.step)?.title ?? error?.step ?? "";
  if (error?.lapsed && !page.wasRemoval) return expiredBox(page, step);
  return html`<section class="box" data-kind="bad" aria-labelledby="failure-title">
<h2 id="failure-title">${step ? html`Failed at <span dir="auto">“${step}”</span>` : "Deployment failed"}</h2>
<p>${faultSentence(page)}</p>
${error?.message ? html`<blockquote dir="auto">${error.message}</blockquote>` : ""}
${error?.next ? html`<p dir="auto"><b>What to do:</b> ${autolink(error.next)}</p>` : ""}
${notes.map((note) => html`<p>${note}</p>`)}
</section>`;
}

/** Expired access is not a failure. */
const expiredBox = (
  { deployment: { error }, notes }: DeploymentPage,
  step: string,
): Html => html`<section class="box" data-kind="warn" aria-labelledby="failure-title">
<h2 id="failure-title">${step ? html`Paused at <span dir="auto">“${step}”</span>` : "Deployment paused"}</h2>
<p dir="auto">${error?.message}</p>
${error?.next ? html`<p dir="auto"><b>What to do:</b> ${autolink(error.next)}</p>` : ""}
${notes.map((note) => html`<p>${note}</p>`)}
</section>`;

function faultSentence({ fault, cloud, app, wasRemoval }: DeploymentPage): string {
  if (wasRemoval && fault !== "slipway") return "Some resources are still there. The response was:";
  if (fault === "app") return `${app.name} failed to build or start. The maintainers may need to fix it.`;
  if (fault === "slipway") return "This is a bug in Slipway. Neither you nor the app caused it.";
  if (fault === "cloud") return `${capital(cloud.inSentence)} rejected the request:`;
  return "The response was:";
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The primary next action, and secondary links. */
export function nextAction(page: DeploymentPage): Html {
  const { deployment, app } = page;
  const removeLink = (label: string) => html`<a href="/deployments/${deployment.id}/removal">${label}</a>`;
  switch (deployment.state) {
    case "running":
      return html`<div class="box"><p>Deployment continues if you close this page. ${removeLink("Stop and remove")}</p></div>`;
    case "succeeded":
      return html`<div class="actions">${openLink(page)}${removeLink("Remove it")}</div>`;
    case "failed":
      return html`<div class="actions">${page.wasRemoval ? retryRemoval(page) : html`${retryForm(page)}${removeLink("Remove what was created")}`}<a href="${safeUrl(app.path)}">Back to ${app.name}</a></div>`;
    case "removing":
      return html`<div class="box"><p>Removing everything. This continues if you close this page.</p></div>`;
    case "removed":
      return html`<div class="actions"><a class="loud" href="${safeUrl(app.path)}">Deploy ${app.name} again</a></div>`;
  }
}

function openLink({ deployment, app }: DeploymentPage): Html {
  if (deployment.url === null) return html`<p>It's running. This app has no public URL.</p>`;
  if (safeUrl(deployment.url) === null)
    return html`<p>It's running at <span class="break">${deployment.url}</span></p>`;
  return html`<a class="loud open" href="${safeUrl(deployment.url)}"><b>Open ${app.name}</b> <span class="break">${deployment.url}</span></a>`;
}

const retryRemoval = ({ deployment, needsAccess }: DeploymentPage) =>
  needsAccess
    ? html`<a class="loud" data-kind="bad" href="/deployments/${deployment.id}/removal">Retry removal</a>`
    : html`<form action="/deployments/${deployment.id}/removal" method="post"><button class="loud" data-kind="bad" type="submit">Retry removal</button></form>`;

function retryForm({ deployment, canRetry, retryUntil, reconnect }: DeploymentPage): Html | string {
  if (!canRetry) return "";
  const until = retryUntil
    ? html`<p class="quiet small">You can retry until ${dateTime(retryUntil)}. After that your answers are deleted.</p>`
    : "";
  if (reconnect?.account === null)
    return html`<div><a class="loud" href="${safeUrl(reconnect.connect)}">Reconnect and continue</a>${until}</div>`;
  return html`<form action="/deployments/${deployment.id}/retry" method="post"><button class="loud" type="submit">${reconnect ? html`Continue as <span dir="auto">${reconnect.account}</span>` : "Retry"}</button>
${until}</form>`;
}
