import { html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { maintainers } from "./maintainers.ts";
import { safeUrl } from "./safe-url.ts";
import { snippet } from "./snippet.ts";

export interface StudioPage extends Page {
  path: string;
  /** "" or `?ref=x&path=y` */
  query: string;
  app: { name: string };
  /** `badge` is the image's address: a path on our origin. */
  previews: { label: string; badge: string }[];
  snippets: { name: string; text: string }[];
}

export const studioPage = (page: StudioPage) => {
  const { path, query, app, previews, snippets } = page;
  return layout({
    ...page,
    title: `A button for ${app.name}`,
    scripts: ["copy.js"],
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${path.slice(1)}</a></p>
<h1 dir="auto">A button for ${app.name}</h1>
<p class="lead">Put it into the README. Whoever presses it sees what the app needs and what it costs, before anything happens.</p>
${maintainers(path, query, "badge")}
<section aria-labelledby="looks-title"><h2 id="looks-title">How it can look</h2>
<ul class="rows previews">${previews.map(
      ({ label, badge }) =>
        html`<li class="row"><span class="preview"><img class="badge" src="${safeUrl(badge)}" alt=""></span><span class="quiet small">${label}</span></li>`,
    )}</ul></section>
<section aria-labelledby="text-title"><h2 id="text-title">What to write</h2>
${snippets.map(({ name, text }) => html`<h3 class="snippet-label">${name}</h3>${snippet(name, text)}`)}
</section>`,
  });
};
