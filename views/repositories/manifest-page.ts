import type { App } from "../../src/app.ts";
import { commandText } from "../../src/manifest/shell.ts";
import type { Remark } from "../../src/plan.ts";
import type { Note } from "../../src/result.ts";
import { autolink } from "../autolink.ts";
import { plural, resourceName } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { maintainerTabs } from "../maintainers/tabs.ts";
import { noteList, remarkList } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";
import { type AnnotatedFile, annotatedFile } from "./annotated-file.ts";
import { filesRead } from "./not-deployable.ts";
import { jobTiming, scaleText, sizeName } from "./requirements.ts";

export interface ManifestPage extends Page {
  address: string;
  path: string;
  query?: string;
  app: App | null;
  problems: Note[];
  remarks: Note[];
  read: string[];
  /** The files with their notes in place. */
  files: AnnotatedFile[];
  /** A suggested app.json; null if the repository has one, or none can be suggested. */
  suggestion: string | null;
  /** How each cloud runs the app. */
  clouds: { id: string; name: string; remarks: Remark[] }[];
}

export const manifestPage = (page: ManifestPage) => {
  const { address, path, query = "", app, problems, remarks, read, files, suggestion } = page;
  const annotated = new Set(files.map(({ file }) => file));
  const otherNotes = [...problems, ...remarks].filter(({ file }) => !annotated.has(file));
  return layout({
    ...page,
    title: `Manifest of ${address}`,
    scripts: ["copy.js"],
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${address}</a></p>
<h1>Manifest</h1>
${maintainerTabs(path, query, "manifest")}
${filesRead(read)}
${files.some(({ notes }) => notes.length > 0) ? html`<section aria-labelledby="files-title"><h2 id="files-title">${noteSummary(page)}</h2>${files.filter(({ notes }) => notes.length > 0).map(annotatedFile)}</section>` : ""}
${otherNotes.length > 0 ? html`<section aria-labelledby="notes-title"><h2 id="notes-title">General notes</h2>${noteList(otherNotes, problems.length > 0 ? "problem" : "remark", address)}</section>` : ""}
${
  suggestion === null
    ? ""
    : html`<section aria-labelledby="suggestion-title"><h2 id="suggestion-title">Suggested app.json</h2>
<p>It has everything we found, in one file. Add it to the root of the repository and correct what we got wrong. Slipway then reads this file first.</p>${snippet("app.json", suggestion)}</section>`
}
${app ? html`${appSummary(app)}${page.clouds.length > 0 ? cloudReport(page.clouds) : ""}` : html`<p class="box">Fix the problems above to see the app here.</p>`}`,
  });
};

/** The number of problems and remarks, as text. */
function noteSummary({ problems, remarks }: ManifestPage): string {
  const counts = [
    problems.length > 0 ? plural(problems.length, "problem") : "",
    remarks.length > 0 ? plural(remarks.length, "remark") : "",
  ];
  return counts.filter(Boolean).join(", ");
}

/** What each cloud supports exactly, approximately or not at all. */
const cloudReport = (
  clouds: ManifestPage["clouds"],
) => html`<section aria-labelledby="clouds-title"><h2 id="clouds-title">On each cloud</h2>
${clouds.map(({ name, remarks }) => html`<h3>${name}</h3>${remarks.length === 0 ? html`<p class="quiet">Everything is supported as written.</p>` : remarkList(remarks)}`)}</section>`;

const appSummary = (app: App): Html => html`<section aria-labelledby="app-title"><h2 id="app-title">The app</h2>
<dl class="facts-list">
${factRow("Name", app.name)}
${app.description ? factRow("Description", app.description) : ""}
${factRow("Commit", html`<code>${app.source.commit}</code>`)}
${factRow("Built from", build(app.build))}
${app.success ? factRow("Opens at", html`<code>${app.success}</code>`) : ""}
</dl></section>
${dataTable(
  "Services",
  ["Name", "Command", "Port", "Size"],
  app.services.map((service) => [
    html`<b dir="auto">${service.name}</b>${service.public ? html` <span class="tag">public</span>` : ""}`,
    command(service),
    service.port ?? quietText("none"),
    scaleText(service),
  ]),
)}
${dataTable(
  "Jobs",
  ["Name", "Command", "When"],
  app.jobs.map((job) => [html`<b dir="auto">${job.name}</b>`, command(job), jobTiming(job)]),
)}
${dataTable(
  "Resources",
  ["Name", "Type", "Sets"],
  app.resources.map((resource) => [
    html`<b dir="auto">${resource.name}</b>`,
    [resourceName[resource.type], resource.version, sizeName[resource.size]]
      .filter((part) => part !== null)
      .join(" · "),
    Object.keys(resource.env).map((name) => html`<code>${name}</code> `),
  ]),
)}
${dataTable(
  "Variables",
  ["Name", "Description", "Value"],
  app.variables.map((variable) => [
    html`<code>${variable.name}</code>`,
    html`<span class="sentence" dir="auto">${autolink(variable.description)}</span>`,
    value(variable),
  ]),
)}`;

const factRow = (name: string, what: Html | string) => html`<div><dt>${name}</dt><dd dir="auto">${what}</dd></div>`;
const quietText = (text: string) => html`<span class="quiet">${text}</span>`;
function command(process: Pick<App["services"][number], "entrypoint" | "command">) {
  const text = commandText(process);
  return text === null ? quietText("default of the image") : html`<code>${text}</code>`;
}

function build(source: App["build"]): Html | string {
  if (source.kind === "image") return html`the image <code>${source.image}</code>`;
  if (source.kind === "dockerfile") return html`<code>${source.dockerfile}</code>`;
  if (source.kind === "buildpacks") return source.language ? `${source.language}, by buildpacks` : "buildpacks";
  return source.publish === null
    ? command({ entrypoint: null, command: source.command })
    : html`the files in <code>${source.publish}</code>`;
}

function value(variable: App["variables"][number]): Html {
  if (variable.generator) return html`generated for you, ${plural(variable.generator.length, "character")}`;
  if (variable.default !== null) return html`<code>${variable.secret ? "••••••" : variable.default}</code> by default`;
  return html`${variable.required ? "required" : "optional"}${variable.options ? html`: ${variable.options.join(", ")}` : ""}`;
}

type Cell = Html | string | number | Html[];

function dataTable(title: string, columns: string[], rows: Cell[][]): Html | string {
  if (rows.length === 0) return "";
  const id = `${title.toLowerCase()}-title`;
  return html`<section><h2 id="${id}">${title}</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map(([head, ...cells]) => html`<tr><th scope="row">${head}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div></section>`;
}
