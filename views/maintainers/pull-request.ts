import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import { maintainerTabs } from "./tabs.ts";

export interface PullRequestPage extends Page {
  path: string;
  query: string;
  app: { name: string };
  proposal: {
    file: string;
    where: "replaced" | "heroku" | "beside" | "heading" | "top" | "same" | "by-hand" | "new";
    kind: string | null;
    /** Whether the README has Heroku's button and keeps it. */
    heroku: boolean;
    diffs: { file: string; lines: { kind: string; text: string }[] }[];
    seal: string;
  };
  branch: string;
  /** The chosen badge, as the query of the studio page. */
  chosen: [string, string][];
  options: { asHtml: boolean; replaceHeroku: boolean; manifest: boolean };
  /** Whether an app.json can be suggested. */
  canAddManifest: boolean;
  /** The URL the form posts to. */
  action: string;
  signedIn: string;
  /** Where GitHub asks for the scope; null if already granted. */
  authorizeUrl: string | null;
  /** The proposal has changed since the page was shown. */
  isStale: boolean;
}

export const pullRequestPage = (page: PullRequestPage) => {
  const { path, query, proposal, isStale: changed } = page;
  const back = `${path}/badge?${new URLSearchParams(page.chosen)}`;
  return layout({
    ...page,
    title: "Add the button by pull request",
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path + query)}">${path.slice(1)}</a></p>
<h1>Add the button by pull request</h1>
<p class="lead">This is the complete change. It goes to a new branch, never to <b dir="auto">${page.branch}</b>.</p>
${maintainerTabs(path, query, "badge")}
${changed ? html`<div class="box" data-kind="warn" role="alert"><p><b>The change has been updated.</b></p><p>Nothing was done yet. Review it again before you continue.</p></div>` : ""}
<section aria-labelledby="change-title"><h2 id="change-title">The change</h2>
<p>${changeSummary(proposal)}</p>
${proposal.diffs.map(diffBlock)}
</section>
${proposal.kind === null || proposal.where === "by-hand" ? "" : optionsForm(page)}
${proposal.diffs.length > 0 ? submitForm(page) : ""}
<p><a href="${safeUrl(back)}">Back to the badge</a></p>`,
  });
};

function changeSummary({ file, where, kind, heroku }: PullRequestPage["proposal"]): Html {
  const name = html`<code>${file}</code>`;
  const herokuNote = heroku ? " Heroku’s button stays." : "";
  if (kind === null)
    return html`We can't edit the format of ${name}. Copy the code from the badge page and paste it yourself.`;
  switch (where) {
    case "same":
      return html`${name} already has this button.`;
    case "by-hand":
      return html`${name} defines the button in one place and uses it in another. Change it by hand with the code from the badge page.`;
    case "new":
      return html`There is no README yet. This adds one with the button.`;
    case "replaced":
      return html`${name} already has the button. This changes its style.${herokuNote}`;
    case "heroku":
      return html`This replaces Heroku’s button in ${name}.`;
    case "beside":
      return html`This adds the button next to the badges at the top of ${name}.${herokuNote}`;
    case "heading":
      return html`This adds the button below the first heading of ${name}.${herokuNote}`;
    case "top":
      return html`This adds the button at the top of ${name}.${herokuNote}`;
  }
}

const diffBlock = ({ file, lines }: PullRequestPage["proposal"]["diffs"][number]) =>
  html`<pre class="diff" tabindex="0" role="region" aria-label="The change of ${file}">${lines.map(
    ({ kind, text }) => html`<span class="diff-line" data-kind="${kind}">${text}
</span>`,
  )}</pre>`;

function optionsForm({ path, chosen, proposal, options, canAddManifest }: PullRequestPage): Html | string {
  const checkbox = (name: string, value: string, checked: boolean, label: Html | string) =>
    html`<label class="radio" for="${name}"><input id="${name}" type="checkbox" name="${name}" value="${value}" ${checked ? html`checked` : ""}>${label}</label>`;
  const checkboxes = [
    proposal.kind === "markdown"
      ? checkbox("html", "true", options.asHtml, "HTML, which follows the GitHub theme")
      : "",
    proposal.heroku || options.replaceHeroku
      ? checkbox("heroku", "replace", options.replaceHeroku, "Replace Heroku’s button")
      : "",
    canAddManifest
      ? checkbox("manifest", "true", options.manifest, html`<span>Also add the suggested <code>app.json</code></span>`)
      : "",
  ].filter((option) => option !== "");
  if (checkboxes.length === 0) return "";
  return html`<form action="${safeUrl(`${path}/badge/pull-request`)}" method="get">
${chosen.map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}
<fieldset><legend>Options</legend><div class="boxes">${checkboxes}</div></fieldset>
<button type="submit">Update preview</button>
</form>`;
}

function submitForm({ action, proposal, signedIn, authorizeUrl }: PullRequestPage): Html {
  if (authorizeUrl !== null)
    return html`<div class="go"><p>To open it in your name, we need write access to your public repositories; GitHub has no narrower permission. We use it only for this and delete it when you sign out.</p>
<p><a class="loud" href="${safeUrl(authorizeUrl)}">Allow on GitHub</a></p></div>`;
  return html`<form class="go" action="${safeUrl(action)}" method="post">
<input type="hidden" name="seal" value="${proposal.seal}">
<button class="loud wide" type="submit">Open the pull request</button>
<p class="quiet small">As <b dir="auto">${signedIn}</b>, on GitHub.</p>
</form>`;
}

export interface OpenedPage extends Page {
  path: string;
  number: number;
  signedIn: string;
}

/** The page after the pull request was opened. */
export const openedPage = (page: OpenedPage) => {
  const { path, number } = page;
  return layout({
    ...page,
    title: `Pull request ${number} is open`,
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${path.slice(1)}</a></p>
<h1>Pull request ${number} is open</h1>
<p class="lead">Review it on GitHub and merge it when you're ready.</p>
${maintainerTabs(path, "", "badge")}
<p><a class="loud" href="${safeUrl(`https:/${path}/pull/${number}`)}">View on GitHub</a></p>`,
  });
};
