import { html } from "./html.ts";

/** Text to be copied: selectable as it is, and with a button where there is script. `name` must be unique on its page. */
export const snippet = (name: string, text: string) => html`<div class="snippet" data-copy>
<pre tabindex="0" role="region" aria-label="${name}"><code>${text}</code></pre>
<button class="copy" type="button" hidden>Copy<span class="unseen"> ${name}</span></button>
</div>`;
