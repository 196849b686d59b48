import { type Html, html } from "./html.ts";
import { appLogo } from "./logo.ts";

/** The header of every page about an app: its logo, the h1 and the content below. */
export const appHeader = (app: { name: string; logo: string }, heading: Html | string, below: Html | string) =>
  html`<div class="app-header">
${appLogo(app)}
<div>
<h1 dir="auto">${heading}</h1>
${below}
</div>
</div>`;
