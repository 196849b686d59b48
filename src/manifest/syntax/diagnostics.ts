import { type Note, note } from "../../result.ts";
import type { Place } from "./tree.ts";

/** A change to a file's text: `remove` characters at `at` give way to `insert`. */
export interface Edit {
  at: number;
  remove: number;
  insert: string;
}

/** Collects what is wrong or worth knowing in one file, with lines and columns, and the edits that would mend it. */
export interface Diagnostics {
  file: string;
  text: string;
  problems: Note[];
  remarks: Note[];
  edits: Edit[];
  /** Remarks on what is wrong as it stands, and was read as if it were mended. */
  faults: Set<Note>;
  /** The meaning is not plain: the app cannot be deployed until this is mended. */
  problem(where: Place | null, message: string, fix: string, edit?: Edit): void;
  /** Nothing is wrong, or it does not matter. */
  remark(where: Place | null, message: string, fix?: string): void;
  /** It is wrong, but the meaning is plain. */
  fault(where: Place, message: string, fix: string, ...edits: Edit[]): void;
}

const maxNotes = 100;

export function createDiagnostics(file: string, text: string): Diagnostics {
  const lines = lineStarts(text);
  const place = (where: Place | null): Partial<Note> => {
    if (where === null) return { file };
    const line = lines().findLastIndex((start) => start <= where.at);
    return { file, line: line + 1, column: where.at - (lines()[line] ?? 0) + 1, path: short(where.path, 200) };
  };
  // Anchors and lists repeat a fault at one place for many names; once is enough.
  const seen = new Set<string>();
  const add = (notes: Note[], where: Place | null, message: string, fix: string) => {
    if (notes.length > maxNotes) return;
    const key = `${where?.at} ${message.replace(/`[^`]*`/g, "")}`;
    if (where !== null && seen.has(key)) return;
    seen.add(key);
    if (notes.length < maxNotes) notes.push(note(message, { ...place(where), fix }));
    else if (notes.length === maxNotes) notes.push(note("There is more of this kind; mend these first.", { file }));
  };
  const report: Diagnostics = {
    file,
    text,
    problems: [],
    remarks: [],
    edits: [],
    faults: new Set(),
    problem(where, message, fix, edit) {
      add(report.problems, where, message, fix);
      if (edit) report.edits.push(edit);
    },
    remark(where, message, fix = "") {
      add(report.remarks, where, message, fix);
    },
    fault(where, message, fix, ...edits) {
      const countBefore = report.remarks.length;
      add(report.remarks, where, message, fix);
      for (const note of report.remarks.slice(countBefore)) report.faults.add(note);
      report.edits.push(...edits);
    },
  };
  return report;
}

function lineStarts(text: string): () => number[] {
  let starts: number[] | undefined;
  return () => {
    if (starts === undefined) {
      starts = [0];
      for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
    }
    return starts;
  };
}

/** The text with the edits made; an edit inside what an earlier one removes is left out. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let offset = 0;
  for (const edit of inOrder(edits)) {
    if (edit.at < offset) continue;
    parts.push(text.slice(offset, edit.at), edit.insert);
    offset = edit.at + edit.remove;
  }
  parts.push(text.slice(offset));
  return parts.join("");
}

/** By place; where two begin at the same one, what removes more comes first. */
export const inOrder = (edits: readonly Edit[]): Edit[] => edits.toSorted((a, b) => a.at - b.at || b.remove - a.remove);

/** Foreign text as a part of a sentence: on one line, and not longer than that. */
export function short(text: string, maxLength = 60): string {
  const singleLine = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return singleLine.length > maxLength ? `${singleLine.slice(0, maxLength - 1)}…` : singleLine;
}
