import { z } from "zod";
import { decodeText, MAX_READABLE_BYTES } from "../files.ts";
import type { CachedGet } from "./cached-client.ts";

// Requests to GitHub, each with the fields that are used.

export interface RepositoryName {
  owner: string;
  repo: string;
}
const values = ({ owner, repo }: RepositoryName) => ({ owner, repo });

const Repo = z.object({
  full_name: z.string().regex(/^[\w-]+\/[\w.-]+$/),
  description: z.string().nullable(),
  default_branch: z.string(),
  private: z.boolean(),
});
export const readRepo = (get: CachedGet, name: RepositoryName) =>
  get({ route: "GET /repos/{owner}/{repo}", values: values(name), shape: Repo });

const Sha = z.string().regex(/^[\da-f]{40}$/);
const decodeLine = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();

/** Returns the commit of a ref; for a full SHA, whether the repository or a fork of it has that commit. */
export const readCommit = (get: CachedGet, name: RepositoryName, ref: string) =>
  get({
    route: "GET /repos/{owner}/{repo}/commits/{ref}",
    values: { ...values(name), ref },
    shape: Sha,
    accept: "application/vnd.github.sha",
    decode: decodeLine,
    immutable: Sha.safeParse(ref).success,
  });

export const readLatestRelease = (get: CachedGet, name: RepositoryName) =>
  get({
    route: "GET /repos/{owner}/{repo}/releases/latest",
    values: values(name),
    shape: z.object({ tag_name: z.string() }),
  });

/** Returns the newest release, drafts and pre-releases included, as a list. */
export const readReleases = (get: CachedGet, name: RepositoryName) =>
  get({
    route: "GET /repos/{owner}/{repo}/releases",
    values: { ...values(name), per_page: "1" },
    shape: z.array(z.object({ tag_name: z.string() })),
  });

const Refs = z.array(z.object({ ref: z.string(), object: z.object({ sha: Sha, type: z.string() }) }));
/** Returns every ref that begins with `start`, such as `heads/release` or `tags`. */
export const readRefs = async (get: CachedGet, name: RepositoryName, start: string) =>
  (await get({
    route: "GET /repos/{owner}/{repo}/git/matching-refs/{start}",
    values: { ...values(name), start },
    shape: Refs,
    maxBytes: 10_000_000,
  })) ?? [];

/** Returns how `commit` relates to a branch: `behind` if it is in its history. */
export const readComparison = (get: CachedGet, name: RepositoryName, branch: string, commit: string) =>
  get({
    route: "GET /repos/{owner}/{repo}/compare/{basehead}",
    values: { ...values(name), basehead: `${branch}...${commit}`, per_page: "1" },
    shape: z.object({ status: z.string() }),
    maxBytes: 10_000_000,
  });

const Tree = z.object({
  /** GitHub listed only a part. */
  truncated: z.boolean(),
  /** We kept only a part. */
  isReduced: z.boolean().optional(),
  tree: z.array(
    z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: Sha, size: z.number().optional() }),
  ),
});
type Tree = z.infer<typeof Tree>;
export type Entry = Tree["tree"][number];

/** What is kept of one tree: entries, and characters of their paths. */
const treeLimits = { entries: 20_000, characters: 1_500_000 };

/**
 * Keeps the files of a recursive tree, or every entry of a single level; within limits, those nearest to the root, where
 * manifests are.
 */
export function reduceTree({ truncated, tree }: Tree, recursive: boolean): Tree {
  const entries = recursive ? tree.filter(({ type }) => type === "blob") : tree;
  let characters = 0;
  for (const { path } of entries) characters += path.length;
  if (entries.length <= treeLimits.entries && characters <= treeLimits.characters) return { truncated, tree: entries };
  const depth = ({ path }: Entry) => path.split("/", 40).length;
  const byDepth = entries
    .map((entry) => ({ entry, depth: depth(entry) }))
    .sort((a, b) => a.depth - b.depth || a.entry.path.length - b.entry.path.length);
  const kept: Entry[] = [];
  characters = 0;
  for (const { entry } of byDepth) {
    characters += entry.path.length;
    if (kept.length >= treeLimits.entries || characters > treeLimits.characters) break;
    kept.push(entry);
  }
  return { truncated, isReduced: true, tree: kept };
}

export const readTree = (get: CachedGet, name: RepositoryName, sha: string, recursive: boolean) =>
  get({
    route: "GET /repos/{owner}/{repo}/git/trees/{sha}",
    values: { ...values(name), sha, ...(recursive ? { recursive: "1" } : {}) },
    shape: Tree,
    decode: (bytes) => reduceTree(Tree.parse(JSON.parse(new TextDecoder().decode(bytes))), recursive),
    maxBytes: 25_000_000,
    immutable: true,
  });

export const readBlob = (get: CachedGet, name: RepositoryName, sha: string) =>
  get({
    route: "GET /repos/{owner}/{repo}/git/blobs/{sha}",
    values: { ...values(name), sha },
    shape: z.object({ text: z.string().nullable() }),
    accept: "application/vnd.github.raw+json",
    decode: (bytes) => ({ text: decodeText(bytes) }),
    maxBytes: MAX_READABLE_BYTES,
    immutable: true,
  });
