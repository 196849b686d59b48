import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isRepositoryName } from "../address.ts";
import { OperationalError } from "../clouds/cloud.ts";
import type { Address, OpenResult, Repositories, RepositoryProblem } from "../repo.ts";
import { note } from "../result.ts";
import { decodeText, resolveFolder } from "./files.ts";
import { contentHash, type Hashed, hashBytes, hashEntries, isIgnored, scanFolder } from "./scan-folder.ts";

/** How long a scan is reused: one page opens the same folder several times. */
const FRESH_MS = 2_000;

interface Folder {
  root: string;
  commit: string;
  files: string[];
  hashed: Map<string, Hashed>;
}
type ScanResult = { ok: true; folder: Folder } | { ok: false; trouble: RepositoryProblem };

/** Serves the folders in `roots` as repositories, `local/<name of the root>/<folder in it>`; `now` in ms. */
export function localRepositories(roots: string[], now: () => number): Repositories & { list(): Promise<Address[]> } {
  const recent = new Map<string, { at: number; result: Promise<ScanResult> }>();
  const hashes = new Map<string, Map<string, Hashed>>();

  async function findFolder(address: Address): Promise<string | null> {
    for (const root of roots) {
      const folder = join(resolve(root), address.repo);
      if (basename(resolve(root)) === address.owner && isShown(address.repo) && (await isFolder(folder))) return folder;
    }
    return null;
  }

  async function scan(address: Address): Promise<ScanResult> {
    const folder = await findFolder(address);
    if (folder === null) return { ok: false, trouble: missing };
    try {
      const entries = await scanFolder(folder);
      if (entries === null) return { ok: false, trouble: tooLarge };
      const hashed = await hashEntries(folder, entries, hashes.get(folder) ?? new Map());
      hashes.set(folder, hashed);
      const commit = contentHash(hashed.values());
      return { ok: true, folder: { root: folder, commit, files: [...hashed.keys()].sort(), hashed } };
    } catch (error) {
      return { ok: false, trouble: unreadable(codeOf(error)) };
    }
  }

  function scanCached(address: Address): Promise<ScanResult> {
    const key = `${address.owner}/${address.repo}`;
    const last = recent.get(key);
    if (last && now() - last.at < FRESH_MS) return last.result;
    for (const [old, { at }] of recent) if (now() - at >= FRESH_MS) recent.delete(old);
    const result = scan(address);
    recent.set(key, { at: now(), result });
    return result;
  }

  return {
    async open(address): Promise<OpenResult> {
      const result = await scanCached(address);
      if (!result.ok) return result;
      const { commit, files, hashed, root } = result.folder;
      if (!isRefOf(commit, address.ref)) return { ok: false, trouble: noRef };
      const resolved = resolveFolder(files, address.path);
      if ("kind" in resolved) return { ok: false, trouble: resolved };
      const read = (file: string) => readPinned(root, hashed.get(resolved.path ? `${resolved.path}/${file}` : file));
      const ref = address.ref ?? "HEAD";
      const snapshot = {
        address: { ...address, path: resolved.path },
        ref,
        commit,
        description: "",
        files: resolved.files,
        read,
      };
      return { ok: true, snapshot };
    },

    async download({ address, commit }, into, signal) {
      const folder = await findFolder(address);
      if (folder === null) throw new OperationalError(missing.note.message, missing.note.fix);
      const copied = await copyFolder(folder, address.path, into, signal).catch((error) => {
        signal.throwIfAborted();
        throw new OperationalError(`The folder could not be copied (${codeOf(error)}).`, "Try again.", {
          cause: error,
        });
      });
      if (copied === null) throw new OperationalError(tooLarge.note.message, tooLarge.note.fix);
      if (copied !== commit) {
        const message = "The folder has changed since this deployment was started.";
        throw new OperationalError(message, "Start again from the app's page.");
      }
    },

    async list() {
      const lists = await Promise.all(roots.map((root) => listFolders(resolve(root))));
      return lists.flat();
    },
  };
}

const isShown = (name: string) => isRepositoryName(name) && !name.startsWith(".") && !isIgnored(name, "");

/** Rejects symbolic links, which may lead anywhere. */
async function isFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isDirectory() ?? false;
}

const isRefOf = (commit: string, ref = "HEAD") =>
  ref === "HEAD" || (ref.length >= 7 && commit.startsWith(ref.toLowerCase()));

/** Returns the text as it was when the folder was hashed; throws if the file has changed since. */
async function readPinned(root: string, file: Hashed | undefined): Promise<string | null> {
  if (file === undefined) return null;
  if (file.text !== undefined) return file.text;
  const bytes = await readFile(join(root, file.path));
  if (hashBytes(bytes) === file.hash) return decodeText(bytes);
  throw new OperationalError(`${file.path} has changed while it was read.`, "Load the page again.");
}

/** Copies the files below `path` and returns the commit of the whole folder as copied; null if it is too large. */
async function copyFolder(folder: string, path: string, into: string, signal: AbortSignal): Promise<string | null> {
  const entries = await scanFolder(folder);
  if (entries === null) return null;
  const copied: Hashed[] = [];
  for (const entry of entries) {
    signal.throwIfAborted();
    const bytes = await readFile(join(folder, entry.path));
    copied.push({ ...entry, hash: hashBytes(bytes) });
    if (path !== "" && !entry.path.startsWith(`${path}/`)) continue;
    const target = join(into, path === "" ? entry.path : entry.path.slice(path.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { mode: entry.executable ? 0o755 : 0o644 });
  }
  return contentHash(copied);
}

async function listFolders(root: string): Promise<Address[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && isShown(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((repo) => ({ host: "local", owner: basename(root), repo, path: "" }));
}

const missing: RepositoryProblem = {
  kind: "missing",
  note: note("There is no such folder on this machine.", { fix: "LOCAL_REPOS says whose folders can be deployed." }),
};
const noRef: RepositoryProblem = {
  kind: "no-ref",
  note: note("A folder has no branches or tags, and this is not the state it is in.", {
    path: "ref",
    fix: "Leave the ref out.",
  }),
};
const tooLarge: RepositoryProblem = {
  kind: "too-large",
  note: note("The folder has more than 5,000 files or 50 MB, node_modules, .git and data left aside.", {
    fix: "Move what is not part of the app elsewhere, or put the app into a folder of its own.",
  }),
};
const unreadable = (code: string): RepositoryProblem => ({
  kind: "unreachable",
  note: note(`The folder could not be read (${code}).`, {
    fix: "Check that the user Slipway runs as may read everything in it.",
  }),
});

/** Returns the system's error code, such as EACCES; an error without one is a bug and rethrown. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}
