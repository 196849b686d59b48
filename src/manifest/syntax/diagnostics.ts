import { type Note, note } from "../../result.ts";
import type { Place } from "./tree.ts";

/** Replaces `remove` characters at `at` with `insert`. */
export interface Edit {
  at: number;
  remove: number;
  insert: string;
}

/** Collects problems and remarks of one file with their positions, and the edits that correct them. */
export interface Diagnostics {
  file: string;
  text: string;
  problems: Note[];
  remarks: Note[];
  edits: Edit[];
  /** Remarks on errors that were read as if corrected. */
  faults: Set<Note>;
  /** The meaning is unclear: the app cannot be deployed until this is corrected. */
  problem(where: Place | null, message: string, fix: string, edit?: Edit): void;
  /** Harmless. */
  remark(where: Place | null, message: string, fix?: string): void;
  /** A remark that counts only if visitors are asked for the variable in the end. */
  remarkOnVariable(name: string, where: Place | null, message: string, fix: string): void;
  /** Adds the remarks on these variables. */
  addVariableRemarks(asked: ReadonlySet<string>): void;
  /** Wrong, but the meaning is clear. */
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
  // Anchors and lists repeat a fault at one position for many names.
  const seen = new Set<string>();
  const add = (notes: Note[], where: Place | null, message: string, fix: string) => {
    if (notes.length > maxNotes) return;
    const key = `${where?.at} ${message.replace(/`[^`]*`/g, "")}`;
    if (where !== null && seen.has(key)) return;
    seen.add(key);
    if (notes.length < maxNotes) notes.push(note(message, { ...place(where), fix }));
    else if (notes.length === maxNotes) notes.push(note("There is more of this kind; mend these first.", { file }));
  };
  const variableRemarks: Parameters<Diagnostics["remarkOnVariable"]>[] = [];
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
    remarkOnVariable(...remark) {
      variableRemarks.push(remark);
    },
    addVariableRemarks(asked) {
      const done = new Set<string>();
      for (const [name, where, message, fix] of variableRemarks.splice(0)) {
        if (asked.has(name) && !done.has(name)) add(report.remarks, where, message, fix);
        done.add(name);
      }
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

/** Applies the edits. Edits inside a removed range are skipped. */
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

/** Sorts by position; of edits at the same position, the one that removes more comes first. */
export const inOrder = (edits: readonly Edit[]): Edit[] => edits.toSorted((a, b) => a.at - b.at || b.remove - a.remove);

/** Shortens foreign text to one line of limited length, to be part of a sentence. */
export function short(text: string, maxLength = 60): string {
  const singleLine = text
    .slice(0, 10_000)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return singleLine.length > maxLength ? `${singleLine.slice(0, maxLength - 1)}…` : singleLine;
}
