import { linesOf } from "./markup.ts";

export interface DiffLine {
  kind: "same" | "added" | "removed" | "note";
  /** Without its end, with the sign that `diff -u` writes before it. */
  text: string;
}

const context = 3;

/** The change of a file as `diff -u` writes it, in one piece; empty when there is none. A new file was null. */
export function diff(file: string, before: string | null, after: string): DiffLine[] {
  const [old, now] = [linesOf(before ?? ""), linesOf(after)];
  if (before === after) return [];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;

  const first = Math.max(0, start - context);
  const tail = Math.min(end, context);
  const removed = old.slice(start, old.length - end);
  const added = now.slice(start, now.length - end);
  const above = old.slice(first, start);
  const below = old.slice(old.length - end, old.length - end + tail);
  const range = (count: number) => `${count === 0 ? first : first + 1},${count}`;
  return [
    { kind: "note", text: before === null ? "--- /dev/null" : `--- a/${file}` },
    { kind: "note", text: `+++ b/${file}` },
    {
      kind: "note",
      text: `@@ -${range(above.length + removed.length + tail)} +${range(above.length + added.length + tail)} @@`,
    },
    ...above.flatMap(written("same", " ")),
    ...removed.flatMap(written("removed", "-")),
    ...added.flatMap(written("added", "+")),
    ...below.flatMap(written("same", " ")),
  ];
}

const written =
  (kind: DiffLine["kind"], sign: string) =>
  (line: string): DiffLine[] => [
    { kind, text: sign + line.replace(/\n$/, "") },
    ...(line.endsWith("\n") ? [] : [{ kind: "note", text: "\\ No newline at end of file" } as const]),
  ];
