import { html } from "./html.ts";

/** Text to be copied: selectable as it is, and with a button where there is script. `name` must be unique on its page. */
export const snippet = (name: string, text: string) => html`<div class="snippet" data-copy>
<pre tabindex="0" role="region" aria-label="${name}"><code>${text}</code></pre>
${copy(name)}
</div>`;

/** The same in a field with its label, where the keyboard can select all of it. `id` must be unique on its page. */
export const copyField = (id: string, name: string, text: string) => html`<div class="text">
<label for="${id}">${name}</label>
<div class="snippet" data-copy>
<textarea id="${id}" readonly rows="${rows(text)}" spellcheck="false">${text}</textarea>
${copy(name)}
</div></div>`;

const copy = (name: string) =>
  html`<button class="copy" type="button" hidden>Copy<span class="unseen"> ${name}</span></button>`;

/** On a desk. A browser that knows `field-sizing` makes it fit anywhere, in others it scrolls. */
const rows = (text: string) => text.split("\n").reduce((sum, line) => sum + Math.ceil(line.length / 64), 0);
