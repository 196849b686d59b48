import { z } from "zod";
import { decodeText, MAX_READABLE_BYTES } from "../files.ts";
import type { CachedGet } from "./cached-client.ts";

// The questions we have for GitHub, each with the part of the answer we use.

export interface Name {
  owner: string;
  repo: string;
}
const values = ({ owner, repo }: Name) => ({ owner, repo });

const Repo = z.object({
  full_name: z.string().regex(/^[\w-]+\/[\w.-]+$/),
  description: z.string().nullable(),
  default_branch: z.string(),
  private: z.boolean(),
});
export const readRepo = (ask: CachedGet, name: Name) =>
  ask({ route: "GET /repos/{owner}/{repo}", values: values(name), shape: Repo });

const Sha = z.string().regex(/^[\da-f]{40}$/);
const decodeLine = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();

/** The commit a ref is at; with a whole SHA, whether the repository, or a fork of it, has that commit. */
export const readCommit = (ask: CachedGet, name: Name, ref: string) =>
  ask({
    route: "GET /repos/{owner}/{repo}/commits/{ref}",
    values: { ...values(name), ref },
    shape: Sha,
    accept: "application/vnd.github.sha",
    decode: decodeLine,
    forever: Sha.safeParse(ref).success,
  });

export const readLatestRelease = (ask: CachedGet, name: Name) =>
  ask({
    route: "GET /repos/{owner}/{repo}/releases/latest",
    values: values(name),
    shape: z.object({ tag_name: z.string() }),
  });

/** Whether there is any: the newest one, also where it is a draft of ours or a pre-release. */
export const readReleases = (ask: CachedGet, name: Name) =>
  ask({
    route: "GET /repos/{owner}/{repo}/releases",
    values: { ...values(name), per_page: "1" },
    shape: z.array(z.object({ tag_name: z.string() })),
  });

const Refs = z.array(z.object({ ref: z.string(), object: z.object({ sha: Sha, type: z.string() }) }));
/** Every ref below `start`, such as `heads/release` or `tags`, by the letters it begins with. */
export const readRefs = async (ask: CachedGet, name: Name, start: string) =>
  (await ask({
    route: "GET /repos/{owner}/{repo}/git/matching-refs/{start}",
    values: { ...values(name), start },
    shape: Refs,
    most: 10_000_000,
  })) ?? [];

/** How `commit` relates to a branch: `behind` when it is in its history. */
export const readComparison = (ask: CachedGet, name: Name, branch: string, commit: string) =>
  ask({
    route: "GET /repos/{owner}/{repo}/compare/{basehead}",
    values: { ...values(name), basehead: `${branch}...${commit}`, per_page: "1" },
    shape: z.object({ status: z.string() }),
    most: 10_000_000,
  });

const Tree = z.object({
  truncated: z.boolean(),
  tree: z.array(
    z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: Sha, size: z.number().optional() }),
  ),
});
export type Entry = z.infer<typeof Tree>["tree"][number];

export const readTree = (ask: CachedGet, name: Name, sha: string, recursive: boolean) =>
  ask({
    route: "GET /repos/{owner}/{repo}/git/trees/{sha}",
    values: { ...values(name), sha, ...(recursive ? { recursive: "1" } : {}) },
    shape: Tree,
    most: 25_000_000,
    forever: true,
  });

export const readBlob = (ask: CachedGet, name: Name, sha: string) =>
  ask({
    route: "GET /repos/{owner}/{repo}/git/blobs/{sha}",
    values: { ...values(name), sha },
    shape: z.object({ text: z.string().nullable() }),
    accept: "application/vnd.github.raw+json",
    decode: (bytes) => ({ text: decodeText(bytes) }),
    most: MAX_READABLE_BYTES,
    forever: true,
  });
