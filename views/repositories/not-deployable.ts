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
    title: `${address} can't be deployed ${regression ? "right now" : "yet"}`,
    body: html`
<p class="eyebrow" dir="auto">${address}</p>
<h1>This repository can't be deployed ${regression ? "right now" : "yet"}</h1>
<p class="lead">${problems.length === 0 ? "We couldn't find out how to start this app." : `${plural(problems.length, "problem")} to fix in the repository.`}</p>
${regression ? regressionBox(regression, path) : ""}
${problems.length > 0 ? noteList(problems, "problem", address) : ""}
${filesRead(read)}
${remarks.length > 0 ? html`<details class="fold"><summary>${plural(remarks.length, "note")} that ${remarks.length === 1 ? "doesn't" : "don't"} block deployment</summary>${noteList(remarks, "remark", address)}</details>` : ""}
${nextSteps(address)}`,
  });
};

const regressionBox = (
  { since, good, bad, page }: ShownRegression,
  path: string,
) => html`<div class="box" data-kind="warn" id="lapse"><p><b>An earlier commit can be deployed.</b> <code>${good.slice(0, 7)}</code> works; the problem came with <code>${bad.slice(0, 7)}</code>, first seen on ${dateTime(since)}.</p>
<p class="actions">${page ? html`<a class="loud" href="${safeUrl(page)}">Deploy the last working commit</a>` : ""}
<a href="${safeUrl(`${path}/manifest`)}">Problems in the manifest</a>
${path.startsWith("/github.com/") ? html`<a href="${safeUrl(`https:/${path}/compare/${good}...${bad}`)}">What changed</a>` : ""}</p></div>`;

export const filesRead = (read: string[]): Html =>
  read.length === 0
    ? html`<p class="quiet">We looked for <code>app.json</code>, <code>slipway.json</code>, a <code>Procfile</code>, a <code>Dockerfile</code> and similar files and found none.</p>`
    : html`<p class="quiet">We read ${read.map((file, index) => html`${index === 0 ? "" : ", "}<code>${file}</code>`)}.</p>`;

function nextSteps(address: string): Html {
  const issues = address.startsWith("github.com/") ? `https://${address.split("/").slice(0, 3).join("/")}/issues` : "";
  return html`<section aria-labelledby="now-title">
<h2 id="now-title">Next steps</h2>
<div class="pair">
<div><h3>If it's your repository</h3>
<p>Fix the problems above, push, then reload this page.</p></div>
<div><h3>If it's someone else's</h3>
<p>Send the maintainers a link to this page${issues ? html`, for example in <a href="${safeUrl(issues)}">an issue</a>` : ""}. It shows each problem and how to fix it.</p></div>
</div>
</section>`;
}
