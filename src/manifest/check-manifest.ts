import type { Source } from "../app.ts";
import type { Reading } from "../plan.ts";
import type { Note } from "../result.ts";
import type { Files } from "./format.ts";
import { readWithReports } from "./index.ts";
import { suggestManifest } from "./suggest-manifest.ts";
import { applyEdits, type Diagnostics } from "./syntax/diagnostics.ts";

/** `fault`: we read it as if corrected; other programs will reject it. */
export type Level = "problem" | "fault" | "remark";

/** One file with its notes. */
export interface Checked {
  file: string;
  text: string;
  /** Sorted by line. */
  notes: (Note & { level: Level })[];
  /** The text with every automatic correction applied; null if there is nothing to correct. */
  corrected: string | null;
}

export interface Check {
  reading: Reading;
  /** Every note of every file. */
  notes: (Note & { level: Level })[];
  files: Checked[];
  /** The app.json that we suggest; null if the repository has one or cannot be deployed. */
  suggestion: string | null;
}

/** Checks the files for the manifest page and the command line. Pure. */
export function checkManifest(files: Files, source: Source): Check {
  const { reading, reports } = readWithReports(files, source);
  const checked = reports.map((report): Checked => {
    const { file, text, edits } = report;
    const notes = levels(reading, reports).filter((note) => note.file === file);
    const corrected = edits.length > 0 ? applyEdits(text, edits) : text;
    const offered = corrected !== text && isValid(file, corrected) ? corrected : null;
    return { file, text, notes: notes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)), corrected: offered };
  });
  const hasOwnBuilds = reading.app?.services.some(({ build }) => build !== undefined && build.kind !== "image");
  const hasManifest = hasOwnBuilds || files.list.includes("app.json") || files.list.includes("slipway.json");
  return {
    reading,
    notes: levels(reading, reports),
    files: checked,
    suggestion: reading.app !== null && !hasManifest ? suggestManifest(reading.app) : null,
  };
}

/** Returns all notes of a reading with their severity. */
function levels(reading: Reading, reports: readonly Diagnostics[]): (Note & { level: Level })[] {
  const isFault = (note: Note) => reports.some(({ faults }) => faults.has(note));
  return [
    ...reading.problems.map((note) => ({ ...note, level: "problem" as const })),
    ...reading.remarks.map((note) => ({ ...note, level: isFault(note) ? ("fault" as const) : ("remark" as const) })),
  ];
}

/** Returns whether the text may be offered for copying. */
function isValid(file: string, text: string): boolean {
  if (!file.endsWith(".json")) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
