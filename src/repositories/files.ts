import type { RepositoryProblem } from "../repo.ts";
import { note } from "../result.ts";

// What every source of repositories does with a list of files.

/** The most a single file may have for us to read it: 5 MB. */
export const MAX_READABLE_BYTES = 5_000_000;

/** The bytes as text without a byte order mark; null when they are none, or too many. */
export function decodeText(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_READABLE_BYTES || bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The folder that `path` means (a file means its folder) and the files below it, or near names when there is none. */
export function resolveFolder(files: string[], path: string): { path: string; files: string[] } | RepositoryProblem {
  const folder = files.includes(path) ? path.slice(0, Math.max(path.lastIndexOf("/"), 0)) : path;
  if (folder === "") return { path: "", files };
  const inside = files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  if (inside.length > 0) return { path: folder, files: inside };
  const near = nearFolders(files, folder);
  return {
    kind: "no-path",
    note: note(`The repository has no folder ${quote(folder)} at this commit.`, {
      path: "path",
      fix: near.length > 0 ? `Perhaps it is ${near.map(quote).join(", or ")}.` : "Leave the path out to use the root.",
    }),
  };
}

const quote = (text: string) => `“${text}”`;

/** At most three: folders of the same name elsewhere, then the most similar ones beside where it would be. */
function nearFolders(files: string[], folder: string): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let end = file.lastIndexOf("/"); end > 0; end = file.lastIndexOf("/", end - 1)) {
      if (folders.has(file.slice(0, end))) break;
      folders.add(file.slice(0, end));
    }
  }
  let parent = folder;
  do parent = parent.slice(0, Math.max(parent.lastIndexOf("/"), 0));
  while (parent !== "" && !folders.has(parent));
  const last = (path: string) => path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const same = [...folders].filter((one) => last(one) === last(folder));
  const beside = [...folders]
    .filter((one) => one.slice(0, Math.max(one.lastIndexOf("/"), 0)) === parent && last(one) !== last(folder))
    .slice(0, 1000)
    .map((one) => ({ one, distance: distance(last(one), last(folder)) }))
    .filter(({ distance }) => distance <= Math.max(2, last(folder).length / 3))
    .sort((a, b) => a.distance - b.distance);
  return [...same, ...beside.map(({ one }) => one)].slice(0, 3);
}

/** How many letters to put in, take out or change to make one from the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
