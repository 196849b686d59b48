import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { decodeText } from "./files.ts";

const MOST_FILES = 5_000;
const MOST_BYTES = 50_000_000;
/** Texts kept from hashing, those nearest to the root first: a snapshot stays readable when the folder changes. */
const KEPT = 2_000_000;

export interface Entry {
  /** From the folder, with slashes. */
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

/** Every file of a folder, links followed as long as they stay inside; null when there are too many to deploy. */
export async function scanFolder(folder: string): Promise<Entry[] | null> {
  const home = await realpath(folder);
  const entries: Entry[] = [];
  const waiting = [""];
  let bytes = 0;
  let looked = 0;
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const child of await readdir(join(home, parent), { withFileTypes: true })) {
      if (isIgnored(child.name, parent)) continue;
      if (++looked > MOST_FILES * 2) return null;
      const path = parent === "" ? child.name : `${parent}/${child.name}`;
      if (child.isDirectory()) waiting.push(path);
      const entry = child.isFile() || child.isSymbolicLink() ? await look(home, path) : null;
      if (entry === null) continue;
      bytes += entry.size;
      entries.push(entry);
      if (entries.length > MOST_FILES || bytes > MOST_BYTES) return null;
    }
  }
  const depth = (entry: Entry) => entry.path.split("/").length;
  return entries.sort((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
}

async function look(home: string, path: string): Promise<Entry | null> {
  try {
    const target = await realpath(join(home, path));
    if (!target.startsWith(home + sep)) return null;
    const inside = target.slice(home.length + 1).split(sep);
    if (inside.some((name, at) => isIgnored(name, inside.slice(0, at).join("/")))) return null;
    const found = await stat(target, { bigint: true });
    if (!found.isFile()) return null;
    const { dev, ino, size, mtimeNs, ctimeNs, mode } = found;
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    return { path, executable: (mode & 0o100n) !== 0n, size: Number(size), stamp };
  } catch (error) {
    // A link to nowhere, or a file that went while we looked.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP")) return null;
    throw error;
  }
}

/** The entries with their contents' hashes; what has the same stamp as in `before` is not read again. */
export async function hashAll(
  folder: string,
  entries: Entry[],
  before: Map<string, Hashed>,
): Promise<Map<string, Hashed>> {
  const hashed = new Map<string, Hashed>();
  let kept = 0;
  for (const entry of entries) {
    const old = before.get(entry.path);
    const one = old?.stamp === entry.stamp ? old : await hashOne(folder, entry, kept + entry.size <= KEPT);
    if (one.text) kept += one.size;
    hashed.set(entry.path, one);
  }
  return hashed;
}

async function hashOne(folder: string, entry: Entry, keep: boolean): Promise<Hashed> {
  const bytes = await readFile(join(folder, entry.path));
  return { ...entry, hash: hashBytes(bytes), ...(keep ? { text: decodeText(bytes) } : {}) };
}

export const hashBytes = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** 40 hex digits, as a commit has: the same for the same paths, contents and execute bits. */
export function contentHash(files: Iterable<Pick<Hashed, "path" | "executable" | "hash">>): string {
  const lines = Array.from(files, ({ path, executable, hash }) => `${hash} ${executable ? "x" : "-"} ${path}\0`);
  return createHash("sha256").update(lines.sort().join("")).digest("hex").slice(0, 40);
}
