import { linesOf } from "./markup.ts";

export interface DiffLine {
  kind: "same" | "added" | "removed" | "note";
  /** With the prefix of `diff -u`, without the line ending. */
  text: string;
}

const context = 3;

/** Returns a file's change as one hunk of `diff -u`; empty if unchanged. `before` is null for a new file. */
export function diff(file: string, before: string | null, after: string): DiffLine[] {
  const [oldLines, newLines] = [linesOf(before ?? ""), linesOf(after)];
  if (before === after) return [];
  let start = 0;
  while (start < oldLines.length && start < newLines.length && oldLines[start] === newLines[start]) start++;
  let end = 0;
  while (
    end < oldLines.length - start &&
    end < newLines.length - start &&
    oldLines.at(-1 - end) === newLines.at(-1 - end)
  )
    end++;

  const first = Math.max(0, start - context);
  const tail = Math.min(end, context);
  const removed = oldLines.slice(start, oldLines.length - end);
  const added = newLines.slice(start, newLines.length - end);
  const above = oldLines.slice(first, start);
  const below = oldLines.slice(oldLines.length - end, oldLines.length - end + tail);
  const range = (count: number) => `${count === 0 ? first : first + 1},${count}`;
  return [
    { kind: "note", text: before === null ? "--- /dev/null" : `--- a/${file}` },
    { kind: "note", text: `+++ b/${file}` },
    {
      kind: "note",
      text: `@@ -${range(above.length + removed.length + tail)} +${range(above.length + added.length + tail)} @@`,
    },
    ...above.flatMap(diffLines("same", " ")),
    ...removed.flatMap(diffLines("removed", "-")),
    ...added.flatMap(diffLines("added", "+")),
    ...below.flatMap(diffLines("same", " ")),
  ];
}

const diffLines =
  (kind: DiffLine["kind"], sign: string) =>
  (line: string): DiffLine[] => [
    { kind, text: sign + line.replace(/\n$/, "") },
    ...(line.endsWith("\n") ? [] : [{ kind: "note", text: "\\ No newline at end of file" } as const]),
  ];
