import type { Note } from "../../src/result.ts";
import { autolink } from "../autolink.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { noteBody } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";

export interface ReportPage extends Page {
  path: string;
  /** `github.com/o/r` */
  repo: string;
  reasons: readonly { id: string; name: string }[];
  maxLength: number;
  input: { reason: string; text: string };
  problems: Note[];
  sent: boolean;
}

export const reportPage = (page: ReportPage) => {
  const { path, repo, problems, sent } = page;
  return layout({
    ...page,
    title: sent ? "Thank you" : `${problems.length > 0 ? "Error: " : ""}Report ${repo}`,
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${repo}</a></p>
${
  sent
    ? html`<h1>Thank you</h1><p class="lead" role="status">The operator of this server will read it. They can't reply, because reports are anonymous.</p>
<p>To report it to GitHub too: ${autolink("https://github.com/contact/report-abuse")}.</p>`
    : reportForm(page)
}`,
  });
};

const reportForm = ({
  path,
  reasons,
  maxLength,
  input,
  problems,
}: ReportPage): Html => html`<h1>Report this repository</h1>
<p class="lead">Your report goes to the operator of this server, who can block deployments from here. Apps that already run are not affected.</p>
${problems.length > 0 ? html`<div class="box" data-kind="bad" role="alert" tabindex="-1" autofocus>${problems.map((problem) => noteBody({ ...problem, path: "" }, ""))}</div>` : ""}
<form class="deploy" action="${safeUrl(`${path}/report`)}" method="post">
<fieldset class="field"><legend>What is the problem? <span class="need">required</span></legend>
<div class="stacked">${reasons.map(({ id, name }, index) => html`<label class="radio" for="reason-${index}"><input type="radio" id="reason-${index}" name="reason" value="${id}" required ${input.reason === id ? "checked" : ""}> ${name}</label>`)}</div></fieldset>
<div class="field"><label for="text">Details <span class="need">optional</span></label>
<div class="hint" id="text-hint"><p>Tell us what to look at. Leave out personal details: we store this text and nothing else about you.</p></div>
<textarea id="text" name="text" rows="6" maxlength="${maxLength}" aria-describedby="text-hint">
${input.text}</textarea></div>
<div class="go"><button class="loud" type="submit">Send report</button></div>
</form>`;
