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
<p class="lead">A webhook notifies your server when someone deploys this repository, and whether it worked. It never identifies the visitor.</p>
${
  webhooks.length === 0
    ? html`<p class="box">No webhooks yet.</p>`
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
    ? html`<section aria-labelledby="add-title"><h2 id="add-title">Add a webhook</h2>
<form action="${safeUrl(`${path}/webhooks`)}" method="post">
${webhookFields(form, types)}
<p class="send"><button class="loud" type="submit">Add webhook</button></p>
</form></section>`
    : html`<p class="box">A repository can have up to ${String(maxWebhooks)} webhooks. Delete one to add another.</p>`
}
<p class="quiet small">Slipway's <code>docs/webhooks.md</code> describes the requests. They are signed as in <a href="${safeUrl(standardWebhooksUrl)}">Standard Webhooks</a>, which has libraries for most languages.</p>`,
  });
};

export const standardWebhooksUrl = "https://www.standardwebhooks.com/";

/** The webhook's status as a tag. */
export const statusTag = ({ on, reason, failing }: Pick<ShownWebhook, "on" | "reason" | "failing">): Html => {
  if (!on) return html`<span class="tag" data-kind="quiet">${reason ? "disabled after errors" : "disabled"}</span>`;
  return failing ? html`<span class="tag">failing</span>` : html`<span class="tag" data-kind="good">active</span>`;
};

const eventLabels: Record<string, string> = {
  "deployment.started": "A deployment starts",
  "deployment.succeeded": "A deployment succeeds",
  "deployment.failed": "A deployment fails",
  "deployment.removed": "A deployed app is removed",
  "manifest.broken": "The manifest breaks",
  "manifest.fixed": "The manifest is fixed",
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
  return html`<div class="field"><label for="url">URL</label>
<div class="hint"><p>We send POST requests here. Only maintainers can see it.</p></div>
${fieldProblems("url")}
<input id="url" name="url" type="url" inputmode="url" required maxlength="2000" value="${url}" placeholder="https://example.com/hooks/slipway" autocomplete="off" autocapitalize="none" spellcheck="false" ${describedBy("url")}></div>
<fieldset class="field" ${describedBy("types")}><legend>Events</legend>
${fieldProblems("types")}
${types.map(
  (type, index) =>
    html`<label class="check" for="types-${String(index)}"><input type="checkbox" id="types-${String(index)}" name="types" value="${type}" ${selectedTypes.includes(type) ? "checked" : ""}><span>${eventLabels[type] ?? type} <code class="quiet small">${type}</code></span></label>`,
)}</fieldset>`;
}
