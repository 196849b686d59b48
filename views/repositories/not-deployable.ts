import type { Note } from "../../src/result.ts";
import { dateTime, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { noteList } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";

export interface ProblemsPage extends Page {
  /** `github.com/o/r` */
  address: string;
  path: string;
  problems: Note[];
  remarks: Note[];
  read: string[];
  /** Set if an earlier commit could be deployed. */
  regression: ShownRegression | null;
}

interface ShownRegression {
  since: string;
  /** The last commit that could be deployed, and the first that could not. */
  good: string;
  bad: string;
  /** The app page of the good commit. */
  page: string | null;
}

export const problemsPage = (page: ProblemsPage) => {
  const { address, path, problems, remarks, read, regression } = page;
  return layout({
    ...page,
    title: `${address} cannot be deployed ${regression ? "just now" : "yet"}`,
    body: html`
<p class="eyebrow" dir="auto">${address}</p>
<h1>This cannot be deployed ${regression ? "just now" : "yet"}</h1>
<p class="lead">${problems.length === 0 ? "We found nothing in this repository that says how its app starts." : `We looked, and ${plural(problems.length, "thing stands", "things stand")} in the way. It can be mended in the repository.`}</p>
${regression ? regressionBox(regression, path) : ""}
${problems.length > 0 ? noteList(problems, "problem", address) : ""}
${filesRead(read)}
${remarks.length > 0 ? html`<details class="fold"><summary>${plural(remarks.length, "remark")}, which would not stop it</summary>${noteList(remarks, "remark", address)}</details>` : ""}
${nextSteps(address)}`,
  });
};

const regressionBox = (
  { since, good, bad, page }: ShownRegression,
  path: string,
) => html`<div class="box" data-kind="warn" id="lapse"><p><b>It could be deployed before.</b> Until <code>${good.slice(0, 7)}</code> all was well; what stands in the way came with <code>${bad.slice(0, 7)}</code>, seen first on ${dateTime(since)}.</p>
<p class="actions">${page ? html`<a class="loud" href="${safeUrl(page)}">Deploy the last good commit</a>` : ""}
<a href="${safeUrl(`${path}/manifest`)}">What we read, fault by fault</a>
${path.startsWith("/github.com/") ? html`<a href="${safeUrl(`https:/${path}/compare/${good}...${bad}`)}">What changed</a>` : ""}</p></div>`;

export const filesRead = (read: string[]): Html =>
  read.length === 0
    ? html`<p class="quiet">We looked for <code>app.json</code>, <code>slipway.json</code>, a <code>Procfile</code>, a <code>Dockerfile</code> and the like, and found none.</p>`
    : html`<p class="quiet">We read ${read.map((file, index) => html`${index === 0 ? "" : ", "}<code>${file}</code>`)}.</p>`;

function nextSteps(address: string): Html {
  const issues = address.startsWith("github.com/") ? `https://${address.split("/").slice(0, 3).join("/")}/issues` : "";
  return html`<section aria-labelledby="now-title">
<h2 id="now-title">What now?</h2>
<div class="pair">
<div><h3>It is your repository</h3>
<p>Mend what is listed, push, and load this page again: it reads the files anew.</p></div>
<div><h3>It is somebody else’s</h3>
<p>Send its maintainers the address of this page${issues ? html`, for instance in <a href="${safeUrl(issues)}">an issue</a>` : ""}. It shows them each place and what to write instead.</p></div>
</div>
</section>`;
}
