import type { Note } from "../../src/result.ts";
import { dateTime, longDate, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { noteBody } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";

export interface OperatorPage extends Page {
  signedIn: string | null;
  /** The id of the last report shown; null if there is none. */
  through: number | null;
  /** By repository, such as `github.com/o/r`, oldest report first. */
  reported: { repo: string; reports: { reason: string; text: string; at: string }[] }[];
  /** Newest first. */
  blocks: { name: string; reason: string; by: string; at: string }[];
  input: { name: string; reason: string };
  problems: Note[];
}

export const operatorPage = (page: OperatorPage) => {
  const { reported, through, blocks, problems } = page;
  return layout({
    ...page,
    title: "Reports and blocks",
    body: html`
<h1>Reports and blocks</h1>
<p class="lead">Reports from visitors, and what can't be deployed from here. Apps that already run are not affected.</p>
${problems.length > 0 ? html`<div class="box" data-kind="bad" role="alert" tabindex="-1" autofocus><p><b>Nothing was changed.</b></p>${problems.map((problem) => noteBody({ ...problem, path: "" }, ""))}</div>` : ""}
<section aria-labelledby="reports-title"><h2 id="reports-title">Reports</h2>
${reported.length === 0 ? html`<p class="quiet">No reports.</p>` : reported.map(reportedRepository)}
${through !== null && reported.length > 1 ? html`<form action="/operator/reports/closing" method="post"><input type="hidden" name="through" value="${through}"><button class="link" type="submit">Dismiss all of these reports</button></form>` : ""}</section>
<section aria-labelledby="block-title"><h2 id="block-title">Add a block</h2>
${blockForm(page)}</section>
<section aria-labelledby="blocks-title"><h2 id="blocks-title">Blocks</h2>
${
  blocks.length === 0
    ? html`<p class="quiet">No blocks.</p>`
    : html`<ul class="rows">${blocks.map(
        ({ name, reason, by, at }) => html`<li class="row"><div class="row-text">
<p><b class="break" dir="auto">${name}</b></p><p dir="auto">${reason}</p><p class="quiet small">by <span dir="auto">${by}</span> on ${longDate(at)}</p></div>
<form action="/operator/blocks/removal" method="post"><input type="hidden" name="name" value="${name}"><button type="submit" aria-label="Unblock ${name}">Unblock</button></form></li>`,
      )}</ul>`
}</section>`,
  });
};

const reportedRepository = (
  { repo, reports }: OperatorPage["reported"][number],
  index: number,
): Html => html`<div class="box">
<h3 class="break" dir="auto"><a href="${safeUrl(`/${repo}`)}">${repo}</a></h3>
<p class="quiet small">${plural(reports.length, "report")}</p>
<ul class="notes">${reports.map(({ reason, text, at }) => html`<li class="note" data-kind="remark"><p><b>${reason}</b> <span class="quiet small">${dateTime(at)}</span></p>${text ? html`<p class="said" dir="auto">${text}</p>` : ""}</li>`)}</ul>
<form action="/operator/blocks" method="post"><input type="hidden" name="name" value="${repo}">
<div class="field"><label for="why-${index}">Reason for the block <span class="need">public</span></label>
<input id="why-${index}" name="reason" type="text" maxlength="300" required></div>
<div class="actions"><button type="submit">Block repository</button></div></form>
<form action="/operator/reports/closing" method="post"><input type="hidden" name="repo" value="${repo}"><button class="link" type="submit">Dismiss these reports</button></form>
</div>`;

const blockForm = ({ input }: OperatorPage) => html`<form class="deploy" action="/operator/blocks" method="post">
<div class="field"><label for="name">Repository or owner</label>
<div class="hint" id="name-hint"><p>Enter only the owner to block all of their repositories.</p></div>
<input id="name" name="name" type="text" value="${input.name}" placeholder="owner/repository" required aria-describedby="name-hint" autocapitalize="none" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="reason">Reason <span class="need">public</span></label>
<input id="reason" name="reason" type="text" value="${input.reason}" maxlength="300" required></div>
<div class="go"><button type="submit">Block</button></div>
</form>`;
