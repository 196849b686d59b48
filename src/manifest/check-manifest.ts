import type { Source } from "../app.ts";
import type { Reading } from "../plan.ts";
import type { Note } from "../result.ts";
import type { Files } from "./format.ts";
import { readWithReports } from "./index.ts";
import { suggestManifest } from "./suggest-manifest.ts";
import { applyEdits, type Diagnostics } from "./syntax/diagnostics.ts";

/** `fault`: it is read as if it were mended, but other programs will not. */
export type Level = "problem" | "fault" | "remark";

/** One file as the checker shows it. */
export interface Checked {
  file: string;
  text: string;
  /** By line: problems first. */
  notes: (Note & { level: Level })[];
  /** The text with everything mended that could be; null when there is nothing to mend. */
  corrected: string | null;
}

export interface Check {
  reading: Reading;
  /** Every note of every file. */
  notes: (Note & { level: Level })[];
  files: Checked[];
  /** The app.json we would write; null when there is one, or nothing to say. */
  suggestion: string | null;
}

/** Everything the manifest page and the command show. Pure. */
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

/** All notes of a reading, each with how bad it is. */
function levels(reading: Reading, reports: readonly Diagnostics[]): (Note & { level: Level })[] {
  const isFault = (note: Note) => reports.some(({ faults }) => faults.has(note));
  return [
    ...reading.problems.map((note) => ({ ...note, level: "problem" as const })),
    ...reading.remarks.map((note) => ({ ...note, level: isFault(note) ? ("fault" as const) : ("remark" as const) })),
  ];
}

/** What we offer to copy must be right. */
function isValid(file: string, text: string): boolean {
  if (!file.endsWith(".json")) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
