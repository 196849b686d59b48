import type { SetupPage as SetupDescription, SetupMethod } from "../../src/clouds/routes.ts";
import { type Html, html } from "../html.ts";
import { inlineMarkdown } from "../inline-markdown.ts";
import { layout, type Page } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";

export interface SetupPage extends Page {
  setup: SetupDescription;
}

/** How to prepare access to a cloud that needs something in the visitor's account first, such as a role. */
export const setupPage = ({
  assets,
  setup: { title, lead, unavailable, methods, permissions, alternative },
}: SetupPage) =>
  layout({
    assets,
    title,
    scripts: ["copy.js"],
    body: html`<h1>${title}</h1>
<p class="lead">${lead}</p>
${methods.length === 0 ? html`<div class="box" data-kind="warn"><p>${unavailable}</p></div>` : methods.map((method, index) => methodSection(method, `method-${index}`, methods.length === 1))}
${
  methods.length === 0
    ? ""
    : html`<section aria-labelledby="lent-title">
<h2 id="lent-title">${permissions.title}</h2>
<ul class="ways">
${permissions.items.map((item) => html`<li>${inlineMarkdown(item)}</li>\n`)}</ul>
<p>${inlineMarkdown(permissions.note)}</p>
</section>`
}
<section aria-labelledby="none-title">
<h2 id="none-title">${alternative.title}</h2>
<p>${alternative.text}</p>
</section>`,
  });

const methodSection = (
  { title, explanation, console, command, document, next }: SetupMethod,
  id: string,
  isOnly: boolean,
): Html => html`<section aria-labelledby="${id}">
<h2 id="${id}">${isOnly ? "How to connect" : title}</h2>
<p>${explanation}</p>
<ol class="ways">
${console ? html`<li><a class="loud" href="${safeUrl(console.url)}">${console.label}</a></li>` : ""}
<li>${console ? "Or open" : "Open"} ${command.before}
${snippet(command.label, command.line)}</li>
<li>${document.before}<a href="${safeUrl(document.url)}">${document.label}</a>${inlineMarkdown(document.after)}</li>
</ol>
<p>${next}</p>
</section>`;
