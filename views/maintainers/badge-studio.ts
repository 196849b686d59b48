import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import { copyField } from "../snippet.ts";
import { type ReadmePreview, readmePreview } from "./readme-preview.ts";
import { maintainerTabs } from "./tabs.ts";

interface Option {
  id: string;
  name: string;
}

export interface StudioPage extends Page {
  path: string;
  /** "" or `?ref=x&path=y` */
  query: string;
  app: { name: string; description: string };
  chosen: { style: string; theme: string; size: string; cloud: string; label: string; count: boolean };
  /** Each with its image in light and dark: paths on our origin. */
  styles: (Option & { light: string; dark: string })[];
  themes: Option[];
  sizes: Option[];
  clouds: Option[];
  /** In characters. */
  maxLabelLength: number;
  readmes: ReadmePreview["badges"][];
  snippets: { name: string; text: string }[];
  /** The pull request page; null if not possible. */
  proposal: string | null;
}

export const studioPage = (page: StudioPage) => {
  const { path, query, app, readmes, snippets } = page;
  return layout({
    ...page,
    title: `Deploy button for ${app.name}`,
    scripts: ["copy.js", "studio.js"],
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path + query)}">${path.slice(1)}</a></p>
<h1 dir="auto">Deploy button for ${app.name}</h1>
<p class="lead">Add it to your README. Visitors see what the app needs and what it costs before anything is created.</p>
${maintainerTabs(path, query, "badge")}
<section aria-labelledby="looks-title"><h2 id="looks-title">Preview</h2>
<div class="pair" id="preview">${readmes.map((badges, index) =>
      readmePreview({ app, badges, theme: index === 0 ? "light" : "dark" }),
    )}</div></section>
${studioForm(page)}
<section aria-labelledby="text-title" id="texts"><h2 id="text-title">Copy the code</h2>
<p class="quiet small">HTML follows the GitHub theme; the other formats follow the system theme.</p>
${snippets.map(({ name, text }, index) => copyField(`text-${index}`, name, text))}
</section>
${page.proposal === null ? "" : proposalSection(page.proposal)}`,
  });
};

const proposalSection = (href: string) => html`<section aria-labelledby="proposal-title">
<h2 id="proposal-title">Or open a pull request</h2>
<p>We read your README, show you the change and open a pull request in your name. Nothing is pushed to your default branch.</p>
<p><a class="loud" id="proposal" href="${safeUrl(href)}">Preview the change</a></p>
</section>`;

function studioForm({ path, query, chosen, styles, themes, sizes, clouds, maxLabelLength }: StudioPage): Html {
  const radio = (name: string, { id, name: label }: Option, index: number, chosen: string) =>
    html`<label class="radio" for="${name}-${index}"><input id="${name}-${index}" type="radio" name="${name}" value="${id}" ${id === chosen ? html`checked` : ""}>${label}</label>`;
  return html`<form class="studio" action="${safeUrl(`${path}/badge`)}" method="get">
${[...new URLSearchParams(query)].map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}
<fieldset class="field"><legend>Style</legend><div class="styles">${styles.map(
    ({ id, name, light, dark }, index) =>
      html`<label class="style" for="style-${index}"><span class="radio"><input id="style-${index}" type="radio" name="style" value="${id}" ${id === chosen.style ? html`checked` : ""}>${name}</span>
<span class="swatch" data-theme="light"><img class="badge" src="${safeUrl(light)}" alt=""></span><span class="swatch" data-theme="dark"><img class="badge" src="${safeUrl(dark)}" alt=""></span></label>`,
  )}</div></fieldset>
<fieldset class="field"><legend>Theme</legend><div class="radios">${themes.map((theme, index) => radio("theme", theme, index, chosen.theme))}</div></fieldset>
<fieldset class="field"><legend>Size <span class="need">only for the button style</span></legend><div class="radios">${sizes.map((size, index) => radio("size", size, index, chosen.size))}</div></fieldset>
<div class="field"><label for="cloud">Opens</label>
<select id="cloud" name="cloud">${clouds.map(
    ({ id, name }) => html`<option value="${id}" ${id === chosen.cloud ? html`selected` : ""}>${name}</option>`,
  )}</select></div>
<div class="field"><label for="label">Button text <span class="need">optional</span></label>
<input id="label" name="label" type="text" value="${chosen.label}" maxlength="${maxLabelLength}" placeholder="Deploy to your cloud" autocomplete="off" dir="auto"></div>
<div class="field"><label class="radio" for="count"><input id="count" type="checkbox" name="count" value="true" ${chosen.count ? html`checked` : ""}>Show the number of installs</label></div>
<div class="field" data-part="without-script"><button type="submit">Update preview</button></div>
</form>`;
}
