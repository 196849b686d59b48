import { dateTime } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { maintainerTabs } from "../maintainers/tabs.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";
import { type ShownWebhook, standardWebhooksUrl, statusTag, type WebhookForm, webhookFields } from "./webhooks.ts";

export interface ShownDelivery {
  id: string;
  type: string;
  /** The request body. */
  body: string;
  state: "waiting" | "delivered" | "given up";
  created: string;
  /** When the next attempt is due. */
  next: string | null;
  attempts: { at: string; milliseconds: number; status: number | null; answer: string }[];
}

export interface WebhookPage extends Page {
  path: string;
  signedIn: string | null;
  webhook: ShownWebhook;
  /** Until when the previous secret also signs. */
  expires: string | null;
  /** Shown once; null afterwards. */
  secret: string | null;
  types: string[];
  form: WebhookForm;
  /** Newest first. */
  deliveries: ShownDelivery[];
}

export const webhookPage = (page: WebhookPage) => {
  const { path, webhook, secret, deliveries } = page;
  const webhookPath = `${path}/webhooks/${webhook.id}`;
  return layout({
    ...page,
    title: `Webhook of ${path.slice(1)}`,
    scripts: ["copy.js"],
    ...(deliveries.some(({ state, attempts }) => state === "waiting" && attempts.length === 0) ? { refresh: 5 } : {}),
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${path.slice(1)}</a> · <a href="${safeUrl(`${path}/webhooks`)}">Webhooks</a></p>
<div class="section-head"><h1>Webhook</h1>${statusTag(webhook)}</div>
${maintainerTabs(path, "", "webhooks")}
<p class="lead break">${webhook.url}</p>
${secret === null ? "" : secretBox(secret)}
${statusBox(webhook)}
<div class="actions">
${webhook.on ? postButton(`${webhookPath}/ping`, "Send a ping", true) : postButton(`${webhookPath}/state`, "Enable", true, { on: "true" })}
${webhook.on ? postButton(`${webhookPath}/state`, "Disable", false, { on: "false" }) : ""}
</div>
<section aria-labelledby="log-title"><h2 id="log-title">Deliveries</h2>
${
  deliveries.length === 0
    ? html`<p class="box">No deliveries yet. Send a ping to test the webhook.</p>`
    : html`<ul class="deliveries">${deliveries.map((delivery) => deliveryItem(delivery, webhookPath))}</ul>
<p class="quiet small">Latest ${String(deliveries.length)}. Deliveries are kept for 30 days.</p>`
}</section>
${settingsSection(page, webhookPath)}`,
  });
};

const postButton = (action: string, label: string, loud: boolean, fields: Record<string, string> = {}) =>
  html`<form action="${safeUrl(action)}" method="post"><button ${loud ? html`class="loud"` : ""} type="submit">${label}</button>${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}</form>`;

const secretBox = (
  secret: string,
) => html`<div class="box" data-kind="warn"><p><b>Copy the secret now.</b> It won't be shown again.</p>
${snippet("Secret", secret)}
<p class="small">Your server uses it to verify our requests; a <a href="${safeUrl(standardWebhooksUrl)}">Standard Webhooks</a> library does that in one line.</p></div>`;

function statusBox({ on, reason, failing }: ShownWebhook): Html | string {
  if (!on && reason)
    return html`<div class="box" data-kind="warn"><p><b>We disabled this webhook.</b> ${reason} Waiting deliveries are sent when you enable it. Events until then are not sent.</p></div>`;
  if (!on) return html`<p class="box">This webhook is disabled. Events are not sent or stored for it.</p>`;
  return failing
    ? html`<div class="box" data-kind="warn"><p><b>Every delivery has failed since ${dateTime(failing)}.</b> We retry for a day, then disable the webhook.</p></div>`
    : "";
}

const stateLabels = { waiting: "waiting", delivered: "delivered", "given up": "failed" };

function deliveryItem({ id, type, body, state, created, next, attempts }: ShownDelivery, webhookPath: string): Html {
  const kind = state === "delivered" ? html`data-kind="good"` : state === "waiting" ? html`data-kind="quiet"` : "";
  return html`<li><details class="fold"><summary><code>${type}</code> <span class="tag" ${kind}>${stateLabels[state]}</span> <span class="quiet small">${dateTime(created)}</span></summary>
<p class="quiet small break"><code>${id}</code></p>
${attempts.length === 0 ? html`<p>Not sent yet.</p>` : html`<ol class="attempts">${attempts.map(attemptItem)}</ol>`}
${state === "waiting" && next && attempts.length > 0 ? html`<p class="quiet small">Next attempt on ${dateTime(next)}.</p>` : ""}
<h3>Payload</h3>
<pre class="wire" tabindex="0" role="region" aria-label="Body of ${id}"><code>${prettyJson(body)}</code></pre>
${postButton(`${webhookPath}/deliveries/${id}/redelivery`, "Redeliver", false)}
</details></li>`;
}

const attemptItem = ({ at: attemptedAt, milliseconds, status, answer }: ShownDelivery["attempts"][number]) =>
  html`<li><p>${dateTime(attemptedAt)}, after ${String(milliseconds)} ms: ${status === null ? html`<b>no response</b>` : html`<b>${String(status)}</b>${status >= 300 && status < 400 ? " (redirects are not followed)" : ""}`}</p>
${answer === "" ? "" : html`<pre class="wire" tabindex="0" role="region" aria-label="Response at ${attemptedAt}"><code>${answer}</code></pre>`}</li>`;

function prettyJson(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

const settingsSection = (
  { form, types, expires }: WebhookPage,
  webhookPath: string,
) => html`<section aria-labelledby="settings-title">
<h2 id="settings-title">Settings</h2>
<details class="fold" ${form.problems.length > 0 ? "open" : ""}><summary>URL and events</summary>
<form action="${safeUrl(webhookPath)}" method="post">
${webhookFields(form, types)}
<p class="send"><button type="submit">Save</button></p>
</form></details>
<details class="fold"><summary>New secret</summary>
<p>The new secret is shown once. For a day we sign with the previous one too, so that you have time to update your server.</p>
${expires ? html`<p>The previous secret is valid until ${dateTime(expires)}. Creating another one ends it immediately.</p>` : ""}
${postButton(`${webhookPath}/secret`, "Create new secret", false)}</details>
<details class="fold"><summary>Delete webhook</summary>
<p>This also deletes waiting and past deliveries.</p>
<form action="${safeUrl(`${webhookPath}/removal`)}" method="post"><button class="loud" data-kind="bad" type="submit">Delete webhook</button></form></details>
</section>`;
