import type { Note } from "../../src/result.ts";
import { autolink } from "../autolink.ts";
import { type Html, html } from "../html.ts";
import { snippet } from "../snippet.ts";

export interface AnnotatedNote extends Note {
  /** `fault`: read as if it were mended, but other programs will not. */
  level: "problem" | "fault" | "remark";
}

export interface AnnotatedFile {
  file: string;
  text: string;
  notes: AnnotatedNote[];
  /** The text with everything mended that could be; null when there is nothing to mend. */
  corrected: string | null;
}

/** Lines shown before and after one that something is said about. */
const around = 2;
const longest = 240;
const most = 60;

/** A file with what is wrong marked in its place, the sentence below the line, and the corrected text to copy. */
export function annotatedFile({ file, text, notes, corrected }: AnnotatedFile): Html {
  const lines = text.split(/\r\n?|\n/);
  const placed = notes.filter(({ line }) => line !== null).slice(0, most);
  const shown = new Set(
    placed.flatMap(({ line }) => Array.from({ length: 2 * around + 1 }, (_, step) => (line ?? 1) - 1 - around + step)),
  );
  const rows = [...shown].filter((at) => at >= 0 && at < lines.length).sort((a, b) => a - b);
  const id = `file-${file.replace(/[^\w]+/g, "-")}`;
  return html`<section class="listing" aria-labelledby="${id}"><h3 id="${id}"><code>${file}</code></h3>
${notes.filter(({ line }) => line === null).map((note) => said(note))}
${
  rows.length === 0
    ? ""
    : html`<ol class="lines" aria-label="${file}">${rows.map((at, index) => {
        const here = placed.filter(({ line }) => line === at + 1);
        const gap = index > 0 && rows[index - 1] !== at - 1;
        return html`<li class="line" value="${at + 1}" ${gap ? html`data-gap="yes"` : ""}><code>${marked(lines[at] ?? "", here)}</code>${here.map(said)}</li>`;
      })}</ol>`
}
${corrected === null ? "" : html`<details class="fold"><summary>The corrected file, to copy</summary>${snippet(`the corrected ${file}`, corrected)}</details>`}
</section>`;
}

/** The line with the place of each note marked; very long lines are shown around it. */
function marked(line: string, notes: AnnotatedNote[]): Html | string {
  const column = notes.find(({ column }) => column !== null)?.column;
  if (!column) return clipped(line, 0);
  const at = Math.min(column - 1, line.length);
  const from = Math.max(0, at - longest / 2);
  const token = /^(?:"(?:[^"\\]|\\.)*"?|[\w$.-]+|.)/u.exec(line.slice(at))?.[0] ?? " ";
  const rest = at + token.length;
  return html`${from > 0 ? "… " : ""}${line.slice(from, at)}<mark>${clipped(token, 0)}</mark>${clipped(line, rest)}`;
}

const clipped = (text: string, from: number) =>
  text.length - from > longest ? `${text.slice(from, from + longest)} …` : text.slice(from);

const words: Record<AnnotatedNote["level"], string> = { problem: "Problem", fault: "To mend", remark: "Remark" };

const said = ({
  level,
  message,
  fix,
  column,
  line,
}: AnnotatedNote): Html => html`<div class="note" data-kind="${level === "remark" ? "remark" : "problem"}">
<p class="level">${words[level]}${line === null ? "" : ` at ${line}:${column ?? 1}`}</p>
<p dir="auto">${autolink(message)}</p>
${fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(fix)}</p>` : ""}</div>`;
