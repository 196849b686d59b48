import type { Note } from "../../src/result.ts";
import { autolink } from "../autolink.ts";
import { type Html, html } from "../html.ts";
import { snippet } from "../snippet.ts";

export interface AnnotatedNote extends Note {
  /** `fault`: a mistake that Slipway corrects while reading, but other programs do not. */
  level: "problem" | "fault" | "remark";
}

export interface AnnotatedFile {
  file: string;
  text: string;
  notes: AnnotatedNote[];
  /** The text with every correction applied; null if there is none. */
  corrected: string | null;
}

// Lines shown before and after a line with a note.
const contextLines = 2;
const maxLineLength = 240;
const maxNotes = 60;

/** A file with each note below its line, and the corrected text to copy. */
export function annotatedFile({ file, text, notes, corrected }: AnnotatedFile): Html {
  const lines = text.split(/\r\n?|\n/);
  const inlineNotes = notes.filter(({ line }) => line !== null).slice(0, maxNotes);
  const shown = new Set(
    inlineNotes.flatMap(({ line }) =>
      Array.from({ length: 2 * contextLines + 1 }, (_, step) => (line ?? 1) - 1 - contextLines + step),
    ),
  );
  const rows = [...shown].filter((lineIndex) => lineIndex >= 0 && lineIndex < lines.length).sort((a, b) => a - b);
  const id = `file-${file.replace(/[^\w]+/g, "-")}`;
  return html`<section class="listing" aria-labelledby="${id}"><h3 id="${id}"><code>${file}</code></h3>
${notes.filter(({ line }) => line === null).map((note) => noteItem(note))}
${
  rows.length === 0
    ? ""
    : html`<ol class="lines" aria-label="${file}">${rows.map((lineIndex, index) => {
        const lineNotes = inlineNotes.filter(({ line }) => line === lineIndex + 1);
        const hasGap = index > 0 && rows[index - 1] !== lineIndex - 1;
        return html`<li class="line" value="${lineIndex + 1}" ${hasGap ? html`data-gap="yes"` : ""}><code>${highlightedLine(lines[lineIndex] ?? "", lineNotes)}</code>${lineNotes.map(noteItem)}</li>`;
      })}</ol>`
}
${corrected === null ? "" : html`<details class="fold"><summary>Copy the corrected file</summary>${snippet(`the corrected ${file}`, corrected)}</details>`}
</section>`;
}

/** The line with the first note's token highlighted. Very long lines are cut around it. */
function highlightedLine(line: string, notes: AnnotatedNote[]): Html | string {
  const column = notes.find(({ column }) => column !== null)?.column;
  if (!column) return truncate(line, 0);
  const start = Math.min(column - 1, line.length);
  const from = Math.max(0, start - maxLineLength / 2);
  const token = /^(?:"(?:[^"\\]|\\.)*"?|[\w$.-]+|.)/u.exec(line.slice(start))?.[0] ?? " ";
  const tokenEnd = start + token.length;
  return html`${from > 0 ? "… " : ""}${line.slice(from, start)}<mark>${truncate(token, 0)}</mark>${truncate(line, tokenEnd)}`;
}

const truncate = (text: string, from: number) =>
  text.length - from > maxLineLength ? `${text.slice(from, from + maxLineLength)} …` : text.slice(from);

const levelLabels: Record<AnnotatedNote["level"], string> = { problem: "Error", fault: "Warning", remark: "Note" };

const noteItem = ({
  level,
  message,
  fix,
  column,
  line,
}: AnnotatedNote): Html => html`<div class="note" data-kind="${level === "remark" ? "remark" : "problem"}">
<p class="level">${levelLabels[level]}${line === null ? "" : `, line ${line}, column ${column ?? 1}`}</p>
<p dir="auto">${autolink(message)}</p>
${fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(fix)}</p>` : ""}</div>`;
