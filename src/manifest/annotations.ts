import type { Note } from "../result.ts";
import type { Level } from "./check-manifest.ts";

export type Format = "plain" | "github";

const line = ({ file, line: number, column }: Note, prefix: string): string =>
  `${prefix}${file}:${number ?? 1}:${column ?? 1}`;

const textOf = ({ message, fix }: Note): string => (fix === "" ? message : `${message} ${fix}`);

/** Formats a note for people and editors, or as a GitHub Actions annotation. `prefix`: path of the app's folder. */
export function annotate(note: Note, level: Level, format: Format, prefix: string): string {
  if (format === "plain") return `${line(note, prefix)} ${level === "remark" ? "remark: " : ""}${textOf(note)}`;
  const file =
    note.file === "" ? "" : ` file=${property(prefix + note.file)},line=${note.line ?? 1},col=${note.column ?? 1}`;
  return `::${level === "remark" ? "warning" : "error"}${file}::${data(textOf(note))}`;
}

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
