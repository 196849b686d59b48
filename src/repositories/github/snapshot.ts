import { dirname, join } from "node:path/posix";
import { OperationalError } from "../../clouds/cloud.ts";
import type { Address, Snapshot } from "../../repo.ts";
import { MAX_READABLE_BYTES, resolveFolder } from "../files.ts";
import type { CachedGet } from "./cached-client.ts";
import { RepositoryProblemError, tooLarge } from "./errors.ts";
import { type Entry, type RepositoryName, readBlob, readTree } from "./queries.ts";

/** Reads the repository's tree at one commit, relative to the address's folder. */
export async function takeSnapshot(get: CachedGet, details: Omit<Snapshot, "files" | "read">): Promise<Snapshot> {
  const { address, commit } = details;
  const entries = (await readEntries(get, address, commit)).filter((entry) => entry.type === "blob");
  const paths = entries.map((entry) => entry.path);
  const folder = resolveFolder(paths, address.path);
  if ("kind" in folder) throw new RepositoryProblemError(folder);
  const start = folder.path === "" ? "" : `${folder.path}/`;
  const inside = entries.filter((entry) => entry.path.startsWith(start));
  // As in a download, a link that leads out of the folder is dangling.
  const files = new Map(inside.map((entry) => [entry.path.slice(start.length), entry]));
  const read = (file: string) => readFile(get, address, files, file);
  return { ...details, address: { ...address, path: folder.path }, files: folder.files, read };
}

/** Levels of folders that are read one by one. */
const MAX_LEVELS = 10;

async function readEntries(get: CachedGet, address: Address, commit: string): Promise<Entry[]> {
  const tree = await readTree(get, address, commit, true);
  if (tree === null) return [];
  return tree.truncated || (tree.isReduced && address.path !== "") ? readBelow(get, address, commit) : tree.tree;
}

/** Reads a truncated tree folder by folder, down to the requested one. */
async function readBelow(get: CachedGet, address: Address, commit: string): Promise<Entry[]> {
  let folder = "";
  let sha = commit;
  // Each level is a request.
  if (address.path.split("/").length > MAX_LEVELS) throw new RepositoryProblemError(tooLarge());
  for (const name of address.path === "" ? [] : address.path.split("/")) {
    const level = (await readTree(get, address, sha, false))?.tree ?? [];
    const next = level.find((entry) => entry.path === name);
    // Its siblings, for the suggested names.
    if (!next) return level.map((entry) => ({ ...entry, path: join(folder, entry.path, "x"), type: "blob" }));
    if (next.type !== "tree") break;
    folder = join(folder, name);
    sha = next.sha;
  }
  if (folder === "") throw new RepositoryProblemError(tooLarge());
  const subtree = await readTree(get, address, sha, true);
  if (subtree === null || subtree.truncated) throw new RepositoryProblemError(tooLarge());
  return subtree.tree.map((entry) => ({ ...entry, path: join(folder, entry.path) }));
}

/** Reads a file, following links: a link's blob is its target path. */
async function readFile(
  get: CachedGet,
  name: RepositoryName,
  files: Map<string, Entry>,
  path: string,
  hops = 5,
): Promise<string | null> {
  const file = files.get(path);
  if (!file || hops === 0 || (file.size ?? 0) > MAX_READABLE_BYTES) return null;
  const blob = await readBlob(get, name, file.sha).catch((error) => {
    if (!(error instanceof RepositoryProblemError)) throw error;
    throw new OperationalError(error.message, error.problem.note.fix, { cause: error });
  });
  if (file.mode !== "120000" || !blob?.text) return blob?.text ?? null;
  return readFile(get, name, files, join(dirname(path), blob.text), hops - 1);
}
