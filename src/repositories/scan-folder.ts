import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { decodeText } from "./files.ts";

const MAX_FILES = 5_000;
const MAX_BYTES = 50_000_000;
/** Budget of texts kept from hashing, nearest to the root first: they stay readable when the folder changes. */
const MAX_TEXT_BYTES = 2_000_000;

export interface Entry {
  /** Relative to the folder, with slashes. */
  path: string;
  executable: boolean;
  size: number;
  /** Changes whenever the file does. */
  stamp: string;
}
export interface Hashed extends Entry {
  hash: string;
  text?: string | null;
}

/** Installed packages, history and data are not part of an app. */
export const isIgnored = (name: string, parent: string) =>
  name === "node_modules" || name === ".git" || (name === "data" && parent === "");

/** Lists every file of a folder, following links that stay inside; null if there are too many to deploy. */
export async function scanFolder(folder: string): Promise<Entry[] | null> {
  const home = await realpath(folder);
  const entries: Entry[] = [];
  const queue = [""];
  let bytes = 0;
  let visited = 0;
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    for (const child of await readdir(join(home, parent), { withFileTypes: true })) {
      if (isIgnored(child.name, parent)) continue;
      if (++visited > MAX_FILES * 2) return null;
      const path = parent === "" ? child.name : `${parent}/${child.name}`;
      if (child.isDirectory()) queue.push(path);
      const entry = child.isFile() || child.isSymbolicLink() ? await statEntry(home, path) : null;
      if (entry === null) continue;
      bytes += entry.size;
      entries.push(entry);
      if (entries.length > MAX_FILES || bytes > MAX_BYTES) return null;
    }
  }
  const depth = (entry: Entry) => entry.path.split("/").length;
  return entries.sort((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
}

async function statEntry(home: string, path: string): Promise<Entry | null> {
  try {
    const target = await realpath(join(home, path));
    if (!target.startsWith(home + sep)) return null;
    const inside = target.slice(home.length + 1).split(sep);
    if (inside.some((name, index) => isIgnored(name, inside.slice(0, index).join("/")))) return null;
    const stats = await stat(target, { bigint: true });
    if (!stats.isFile()) return null;
    const { dev, ino, size, mtimeNs, ctimeNs, mode } = stats;
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    return { path, executable: (mode & 0o100n) !== 0n, size: Number(size), stamp };
  } catch (error) {
    // A link to nowhere, or a file that went while we visited.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP")) return null;
    throw error;
  }
}

/** Hashes the entries' contents; files with the same stamp as in `before` are not read again. */
export async function hashEntries(
  folder: string,
  entries: Entry[],
  before: Map<string, Hashed>,
): Promise<Map<string, Hashed>> {
  const hashed = new Map<string, Hashed>();
  let textBytes = 0;
  for (const entry of entries) {
    const old = before.get(entry.path);
    const file =
      old?.stamp === entry.stamp ? old : await hashFile(folder, entry, textBytes + entry.size <= MAX_TEXT_BYTES);
    if (file.text) textBytes += file.size;
    hashed.set(entry.path, file);
  }
  return hashed;
}

async function hashFile(folder: string, entry: Entry, keepText: boolean): Promise<Hashed> {
  const bytes = await readFile(join(folder, entry.path));
  return { ...entry, hash: hashBytes(bytes), ...(keepText ? { text: decodeText(bytes) } : {}) };
}

export const hashBytes = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Returns 40 hex digits, like a commit: the same for the same paths, contents and execute bits. */
export function contentHash(files: Iterable<Pick<Hashed, "path" | "executable" | "hash">>): string {
  const lines = Array.from(files, ({ path, executable, hash }) => `${hash} ${executable ? "x" : "-"} ${path}\0`);
  return createHash("sha256").update(lines.sort().join("")).digest("hex").slice(0, 40);
}
