import { dirname, join } from "node:path/posix";
import { OperationalError } from "../../clouds/cloud.ts";
import type { Address, Snapshot } from "../../repo.ts";
import { MAX_READABLE_BYTES, resolveFolder } from "../files.ts";
import type { CachedGet } from "./cached-client.ts";
import { RepositoryProblemError, tooLarge } from "./errors.ts";
import { type Entry, type Name, readBlob, readTree } from "./queries.ts";

/** The repository at one commit, seen from the address's folder. */
export async function takeSnapshot(ask: CachedGet, about: Omit<Snapshot, "files" | "read">): Promise<Snapshot> {
  const { address, commit } = about;
  const entries = (await readEntries(ask, address, commit)).filter((entry) => entry.type === "blob");
  const paths = entries.map((entry) => entry.path);
  const found = resolveFolder(paths, address.path);
  if ("kind" in found) throw new RepositoryProblemError(found);
  const start = found.path === "" ? "" : `${found.path}/`;
  const inside = entries.filter((entry) => entry.path.startsWith(start));
  // As in a download, a link that leads out of the folder leads nowhere.
  const files = new Map(inside.map((entry) => [entry.path.slice(start.length), entry]));
  const read = (file: string) => readFile(ask, address, files, file);
  return { ...about, address: { ...address, path: found.path }, files: found.files, read };
}

async function readEntries(ask: CachedGet, address: Address, commit: string): Promise<Entry[]> {
  const whole = await readTree(ask, address, commit, true);
  if (whole === null) return [];
  return whole.truncated ? readBelow(ask, address, commit) : whole.tree;
}

/** Where the whole tree is too large for one answer: folder by folder down to the one that is asked for. */
async function readBelow(ask: CachedGet, address: Address, commit: string): Promise<Entry[]> {
  let folder = "";
  let sha = commit;
  for (const name of address.path === "" ? [] : address.path.split("/")) {
    const level = (await readTree(ask, address, sha, false))?.tree ?? [];
    const next = level.find((entry) => entry.path === name);
    // What is beside it, as far as it matters for the names that are near.
    if (!next) return level.map((entry) => ({ ...entry, path: join(folder, entry.path, "x"), type: "blob" }));
    if (next.type !== "tree") break;
    folder = join(folder, name);
    sha = next.sha;
  }
  if (folder === "") throw new RepositoryProblemError(tooLarge());
  const deep = await readTree(ask, address, sha, true);
  if (deep === null || deep.truncated) throw new RepositoryProblemError(tooLarge());
  return deep.tree.map((entry) => ({ ...entry, path: join(folder, entry.path) }));
}

/** A link's own content is the path it leads to. */
async function readFile(
  ask: CachedGet,
  name: Name,
  files: Map<string, Entry>,
  path: string,
  hops = 5,
): Promise<string | null> {
  const file = files.get(path);
  if (!file || hops === 0 || (file.size ?? 0) > MAX_READABLE_BYTES) return null;
  const blob = await readBlob(ask, name, file.sha).catch((error) => {
    if (!(error instanceof RepositoryProblemError)) throw error;
    throw new OperationalError(error.message, error.trouble.note.fix, { cause: error });
  });
  if (file.mode !== "120000" || !blob?.text) return blob?.text ?? null;
  return readFile(ask, name, files, join(dirname(path), blob.text), hops - 1);
}
