import type { Note } from "../../src/result.ts";
import { dateTime, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { maintainerTabs } from "../maintainers/tabs.ts";
import { safeUrl } from "../safe-url.ts";

export interface ShownWebhook {
  id: string;
  url: string;
  types: string[];
  on: boolean;
  /** Why Slipway switched it off; empty if it did not. */
  reason: string;
  /** Since when every delivery has failed. */
  failing: string | null;
  created: string;
}

export interface WebhookForm {
  url: string;
  types: string[];
  problems: Note[];
}

export interface WebhooksPage extends Page {
  /** `/github.com/o/r` */
  path: string;
  signedIn: string | null;
  webhooks: ShownWebhook[];
  /** Every event type. */
  types: string[];
  /** Limit per repository. */
  maxWebhooks: number;
  form: WebhookForm;
}

export const webhooksPage = (page: WebhooksPage) => {
  const { path, webhooks, types, maxWebhooks, form } = page;
  return layout({
    ...page,
    title: `Webhooks of ${path.slice(1)}`,
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${path.slice(1)}</a></p>
<h1>Webhooks</h1>
${maintainerTabs(path, "", "webhooks")}
<p class="lead">When somebody deploys this repository, and when that works or does not, a webhook tells a server of yours. It tells nothing about who it was.</p>
${
  webhooks.length === 0
    ? html`<p class="box">There is none yet.</p>`
    : html`<ul class="rows">${webhooks.map(
        (
          webhook,
        ) => html`<li class="row"><div class="row-text"><p class="break"><a href="${safeUrl(`${path}/webhooks/${webhook.id}`)}">${webhook.url}</a></p>
<p class="quiet small">${plural(webhook.types.length, "event")} · since ${dateTime(webhook.created)}</p></div>
${statusTag(webhook)}</li>`,
      )}</ul>`
}
${
  webhooks.length < maxWebhooks
    ? html`<section aria-labelledby="add-title"><h2 id="add-title">Add one</h2>
<form action="${safeUrl(`${path}/webhooks`)}" method="post">
${webhookFields(form, types)}
<p class="send"><button class="loud" type="submit">Add this webhook</button></p>
</form></section>`
    : html`<p class="box">A repository can have ${String(maxWebhooks)}. Delete one to add another.</p>`
}
<p class="quiet small">What is sent is described in <code>docs/webhooks.md</code> of Slipway. It is signed as <a href="${safeUrl(standardWebhooksUrl)}">Standard Webhooks</a> are, so there is a library that verifies it for most languages.</p>`,
  });
};

export const standardWebhooksUrl = "https://www.standardwebhooks.com/";

/** The webhook's status as a tag. */
export const statusTag = ({ on, reason, failing }: Pick<ShownWebhook, "on" | "reason" | "failing">): Html => {
  if (!on) return html`<span class="tag" data-kind="quiet">${reason ? "we switched it off" : "switched off"}</span>`;
  return failing ? html`<span class="tag">nothing arrives</span>` : html`<span class="tag" data-kind="good">on</span>`;
};

const eventLabels: Record<string, string> = {
  "deployment.started": "Somebody starts a deployment",
  "deployment.succeeded": "A deployment succeeds",
  "deployment.failed": "A deployment fails",
  "deployment.removed": "Somebody removes what was deployed",
  "manifest.broken": "The manifest can no longer be read",
  "manifest.fixed": "The manifest can be read again",
};

/** The fields of the forms that add and edit a webhook. */
export function webhookFields({ url, types: selectedTypes, problems }: WebhookForm, types: string[]): Html {
  const problemsAt = (path: string) => problems.filter((problem) => problem.path === path);
  const fieldProblems = (path: string) =>
    problemsAt(path).map(
      ({ message, fix }) =>
        html`<div class="field-problem" id="${path}-problem"><p dir="auto">${message}</p>${fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${fix}</p>` : ""}</div>`,
    );
  const describedBy = (path: string) =>
    problemsAt(path).length > 0 ? html`aria-describedby="${path}-problem" aria-invalid="true"` : "";
  return html`<div class="field"><label for="url">Address</label>
<div class="hint"><p>Where we send a POST request. Only you and the other maintainers see it.</p></div>
${fieldProblems("url")}
<input id="url" name="url" type="url" inputmode="url" required maxlength="2000" value="${url}" placeholder="https://example.com/hooks/slipway" autocomplete="off" autocapitalize="none" spellcheck="false" ${describedBy("url")}></div>
<fieldset class="field" ${describedBy("types")}><legend>Tell it when</legend>
${fieldProblems("types")}
${types.map(
  (type, index) =>
    html`<label class="check" for="types-${String(index)}"><input type="checkbox" id="types-${String(index)}" name="types" value="${type}" ${selectedTypes.includes(type) ? "checked" : ""}><span>${eventLabels[type] ?? type} <code class="quiet small">${type}</code></span></label>`,
)}</fieldset>`;
}
