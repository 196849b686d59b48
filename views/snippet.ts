import { html } from "./html.ts";

/** Text to copy, with a copy button if scripts run. `name` must be unique on the page. */
export const snippet = (name: string, text: string) => html`<div class="snippet" data-copy>
<pre tabindex="0" role="region" aria-label="${name}"><code>${text}</code></pre>
${copyButton(name)}
</div>`;

/** Text to copy in a labelled field, which the keyboard can select. `id` must be unique on the page. */
export const copyField = (id: string, name: string, text: string) => html`<div class="text">
<label for="${id}">${name}</label>
<div class="snippet" data-copy>
<textarea id="${id}" readonly rows="${rows(text)}" spellcheck="false">${text}</textarea>
${copyButton(name)}
</div></div>`;

const copyButton = (name: string) =>
  html`<button class="copy" type="button" hidden>Copy<span class="unseen"> ${name}</span></button>`;

/** Estimated rows on a wide screen. `field-sizing` fits the field exactly; other browsers scroll. */
const rows = (text: string) => text.split("\n").reduce((sum, line) => sum + Math.ceil(line.length / 64), 0);
