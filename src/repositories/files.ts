import type { RepositoryProblem } from "../repo.ts";
import { note } from "../result.ts";

/** Size limit of a single file that is read: 5 MB. */
export const MAX_READABLE_BYTES = 5_000_000;

/** Decodes UTF-8 text without a byte order mark; null if it is binary or too large. */
export function decodeText(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_READABLE_BYTES || bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Resolves `path` to a folder (a file means its folder) and the files below it, or to a problem with similar names. */
export function resolveFolder(files: string[], path: string): { path: string; files: string[] } | RepositoryProblem {
  const folder = files.includes(path) ? path.slice(0, Math.max(path.lastIndexOf("/"), 0)) : path;
  if (folder === "") return { path: "", files };
  const inside = files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  if (inside.length > 0) return { path: folder, files: inside };
  const suggestions = suggestFolders(files, folder);
  return {
    kind: "no-path",
    note: note(`The repository has no folder ${quote(folder)} at this commit.`, {
      path: "path",
      fix:
        suggestions.length > 0
          ? `Perhaps it is ${suggestions.map(quote).join(", or ")}.`
          : "Leave the path out to use the root.",
    }),
  };
}

const quote = (text: string) => `“${text}”`;

/** Limits of the suggestions: they are a courtesy, and paths and folders are strangers' text. */
const suggestionLimits = { path: 300, name: 60, folders: 20_000, siblings: 200 };

/** Suggests at most three folders: the same name elsewhere, then similar names in the same parent. */
function suggestFolders(files: string[], folder: string): string[] {
  if (folder.length > suggestionLimits.path) return [];
  const folders = new Set<string>();
  for (const file of files) {
    if (folders.size >= suggestionLimits.folders) break;
    if (file.length > suggestionLimits.path) continue;
    for (let end = file.lastIndexOf("/"); end > 0; end = file.lastIndexOf("/", end - 1)) {
      if (folders.has(file.slice(0, end))) break;
      folders.add(file.slice(0, end));
    }
  }
  let parent = folder;
  do parent = parent.slice(0, Math.max(parent.lastIndexOf("/"), 0));
  while (parent !== "" && !folders.has(parent));
  const last = (path: string) => path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const name = last(folder);
  const same = [...folders].filter((path) => last(path) === name).slice(0, 3);
  if (name.length > suggestionLimits.name) return same;
  const maxDistance = Math.max(2, name.length / 3);
  const siblings = [...folders]
    .filter((path) => path.slice(0, Math.max(path.lastIndexOf("/"), 0)) === parent && last(path) !== name)
    .filter((path) => Math.abs(last(path).length - name.length) <= maxDistance)
    .slice(0, suggestionLimits.siblings)
    .map((path) => ({ path, distance: editDistance(last(path), name) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return [...same, ...siblings.map(({ path }) => path)].slice(0, 3);
}

/** Returns the Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
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
