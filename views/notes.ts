import type { Remark } from "../src/plan.ts";
import type { Note } from "../src/result.ts";
import { autolink } from "./autolink.ts";
import { type Html, html } from "./html.ts";
import { safeUrl } from "./safe-url.ts";

/** Problems or remarks, each with its location, message and fix. */
export const noteList = (notes: Note[], kind: "problem" | "remark", address = "") =>
  html`<ul class="notes">${notes.map((note) => html`<li class="note" data-kind="${kind}">${noteBody(note, address)}</li>`)}</ul>`;

const levelLabels: Record<Remark["level"], string> = {
  exact: "",
  approximate: "Works differently",
  ignored: "Not supported",
  missing: "Blocks deployment",
};

/** What a cloud cannot do for the app or does differently, without locations in the manifest. */
export const remarkList = (remarks: Remark[]) =>
  html`<ul class="notes">${remarks.map(
    (remark) =>
      html`<li class="note" data-kind="${remark.level === "missing" ? "problem" : "remark"}">
${levelLabels[remark.level] ? html`<p class="level">${levelLabels[remark.level]}</p>` : ""}${noteBody({ ...remark, file: "", path: "" }, "")}</li>`,
  )}</ul>`;

export const noteBody = (note: Note, address: string): Html => html`${location(note, address)}
<p dir="auto">${autolink(note.message)}</p>
${note.fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(note.fix)}</p>` : ""}`;

function location(note: Note, address: string): Html | string {
  if (note.file === "" && note.path === "") return "";
  const position = [note.file, note.line, note.line === null ? null : note.column].filter(
    (part) => part !== null && part !== "",
  );
  const label = html`<code>${position.join(":")}</code>`;
  const url = note.file === "" ? null : gitHubUrl(address, note);
  return html`<p class="where">${note.file === "" ? "" : url ? html`<a href="${safeUrl(url)}">${label}</a>` : label}
${note.path ? html`<code class="path">${note.path}</code>` : ""}</p>`;
}

/** The URL of the line on GitHub, if the address has no path or ref: only then is the file at the root. */
function gitHubUrl(address: string, { file, line }: Note): string | null {
  if (!/^github\.com\/[^/?#]+\/[^/?#]+$/.test(address)) return null;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `https://${address}/blob/HEAD/${path}${line === null ? "" : `#L${line}`}`;
}
