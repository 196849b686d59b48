import type { Remark } from "../src/plan.ts";
import type { Note } from "../src/result.ts";
import { autolink } from "./autolink.ts";
import { type Html, html } from "./html.ts";
import { safeUrl } from "./safe-url.ts";

/** Problems or remarks, each with where it is, the sentence, and what to write instead. */
export const noteList = (notes: Note[], kind: "problem" | "remark", address = "") =>
  html`<ul class="notes">${notes.map((note) => html`<li class="note" data-kind="${kind}">${noteBody(note, address)}</li>`)}</ul>`;

const level: Record<Remark["level"], string> = {
  exact: "",
  approximate: "Nearly",
  ignored: "Left out",
  missing: "Not possible",
};

/** What a cloud cannot do for the app, or does differently; where the manifest says so is no matter to a visitor. */
export const remarkList = (remarks: Remark[]) =>
  html`<ul class="notes">${remarks.map(
    (remark) =>
      html`<li class="note" data-kind="${remark.level === "missing" ? "problem" : "remark"}">
${level[remark.level] ? html`<p class="level">${level[remark.level]}</p>` : ""}${noteBody({ ...remark, file: "", path: "" }, "")}</li>`,
  )}</ul>`;

export const noteBody = (note: Note, address: string): Html => html`${where(note, address)}
<p dir="auto">${autolink(note.message)}</p>
${note.fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(note.fix)}</p>` : ""}`;

function where(note: Note, address: string): Html | string {
  if (note.file === "" && note.path === "") return "";
  const place = [note.file, note.line, note.line === null ? null : note.column].filter(
    (part) => part !== null && part !== "",
  );
  const label = html`<code>${place.join(":")}</code>`;
  const url = note.file === "" ? null : onGitHub(address, note);
  return html`<p class="where">${note.file === "" ? "" : url ? html`<a href="${safeUrl(url)}">${label}</a>` : label}
${note.path ? html`<code class="path">${note.path}</code>` : ""}</p>`;
}

/** The line itself, when the address says no more than host, owner and repository: then the file is at its root. */
function onGitHub(address: string, { file, line }: Note): string | null {
  if (!/^github\.com\/[^/?#]+\/[^/?#]+$/.test(address)) return null;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `https://${address}/blob/HEAD/${path}${line === null ? "" : `#L${line}`}`;
}
