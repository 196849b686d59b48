import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Header, Pax } from "tar";

// Just enough of git to give files the hashes that git itself would.

export type Content = string | Uint8Array | { link: string } | { program: string };
export type Files = Record<string, Content>;
export interface GitEntry {
  path: string;
  mode: "100644" | "100755" | "120000" | "040000";
  type: "blob" | "tree";
  sha: string;
  size?: number;
}
export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  files: Files;
}
/** Every object of a repository, as forks share them. */
export interface Objects {
  blobs: Map<string, Uint8Array>;
  trees: Map<string, GitEntry[]>;
  commits: Map<string, Commit>;
}
export const createObjectStore = (): Objects => ({ blobs: new Map(), trees: new Map(), commits: new Map() });

const hash = (type: string, bytes: Uint8Array) =>
  createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");

export const bytesOf = (content: Content): Uint8Array =>
  content instanceof Uint8Array
    ? content
    : Buffer.from(typeof content === "string" ? content : "link" in content ? content.link : content.program);

function modeOf(content: Content): GitEntry["mode"] {
  if (typeof content === "string" || content instanceof Uint8Array) return "100644";
  return "link" in content ? "120000" : "100755";
}

export function addCommit(objects: Objects, files: Files, parents: string[] = []): Commit {
  const tree = addTree(objects, Object.entries(files));
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), "author a <a@b> 1 +0000", "", "x"];
  const sha = hash("commit", Buffer.from(lines.join("\n")));
  const commit = { sha, tree, parents, files };
  objects.commits.set(sha, commit);
  return commit;
}

/** Writes a tree with these files, and gives its hash. */
export function addTree(objects: Objects, files: [string, Content][]): string {
  const folders = new Map<string, [string, Content][]>();
  const entries: GitEntry[] = [];
  for (const [path, content] of files) {
    const slash = path.indexOf("/");
    if (slash === -1) {
      const bytes = bytesOf(content);
      const sha = hash("blob", bytes);
      objects.blobs.set(sha, bytes);
      entries.push({ path, mode: modeOf(content), type: "blob", sha, size: bytes.length });
    } else {
      const folder = path.slice(0, slash);
      const files = folders.get(folder) ?? [];
      files.push([path.slice(slash + 1), content]);
      folders.set(folder, files);
    }
  }
  for (const [path, children] of folders) {
    entries.push({ path, mode: "040000", type: "tree", sha: addTree(objects, children) });
  }
  const order = (entry: GitEntry) => (entry.type === "tree" ? `${entry.path}/` : entry.path);
  entries.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const raw = entries.map((entry) =>
    Buffer.concat([Buffer.from(`${entry.mode.replace(/^0/, "")} ${entry.path}\0`), Buffer.from(entry.sha, "hex")]),
  );
  const sha = hash("tree", Buffer.concat(raw));
  objects.trees.set(sha, entries);
  return sha;
}

export function listTree(objects: Objects, sha: string, recursive: boolean): GitEntry[] {
  const entries = objects.trees.get(sha) ?? [];
  if (!recursive) return entries;
  return entries.flatMap((entry) =>
    entry.type === "blob"
      ? [entry]
      : [
          entry,
          ...listTree(objects, entry.sha, true).map((child) => ({ ...child, path: `${entry.path}/${child.path}` })),
        ],
  );
}

/** The files of a tree, as they were given. */
export function filesOf(objects: Objects, tree: string): Files {
  const entries = listTree(objects, tree, true).filter(({ type }) => type === "blob");
  return Object.fromEntries(
    entries.map(({ path, mode, sha }) => {
      const bytes = objects.blobs.get(sha) ?? new Uint8Array();
      const text = Buffer.from(bytes).toString("utf8");
      return [path, mode === "120000" ? { link: text } : mode === "100755" ? { program: text } : bytes];
    }),
  );
}

export function isAncestor(objects: Objects, older: string, newer: string): boolean {
  if (older === newer) return true;
  return (objects.commits.get(newer)?.parents ?? []).some((parent) => isAncestor(objects, older, parent));
}

export interface TarEntry {
  path: string;
  type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice" | "FIFO";
  content?: Uint8Array;
  linkpath?: string;
  mode?: number;
  /** What the header says instead of the truth. */
  size?: number;
}

/** A gzipped tar; an entry may be anything, also what git would never write. */
export function tarball(entries: TarEntry[]): Buffer<ArrayBuffer> {
  const blocks: Buffer[] = [];
  for (const { path, type = "File", content = new Uint8Array(), linkpath, mode = 0o664, size } of entries) {
    // Somebody else's files, as far as their owner goes.
    const fields = {
      path,
      uid: 12_345,
      gid: 12_345,
      mode,
      size: size ?? content.length,
      mtime: new Date(0),
      type,
      linkpath,
    };
    const block = Buffer.alloc(512);
    if (new Header(fields).encode(block)) blocks.push(new Pax({ path, linkpath, size: fields.size }).encode());
    blocks.push(block, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** What GitHub's tarball of a commit looks like: the commit in a global header, then everything in one folder. */
export function archive(top: string, commit: Commit): Buffer<ArrayBuffer> {
  const folders = new Set<string>();
  const files = Object.entries(commit.files).flatMap(([path, content]): TarEntry[] => {
    const parents = path.split("/").slice(0, -1);
    const above = parents.map((_, at) => `${top}/${parents.slice(0, at + 1).join("/")}/`);
    const fresh = above.filter((folder) => !folders.has(folder) && folders.add(folder));
    const here = { path: `${top}/${path}`, mode: modeOf(content) === "100755" ? 0o775 : 0o664 };
    const isLink = typeof content === "object" && "link" in content;
    return [
      ...fresh.map((folder): TarEntry => ({ path: folder, type: "Directory", mode: 0o775 })),
      isLink ? { ...here, type: "SymbolicLink", linkpath: content.link } : { ...here, content: bytesOf(content) },
    ];
  });
  return tarball([{ path: `${top}/`, type: "Directory", mode: 0o775 }, ...files]);
}
