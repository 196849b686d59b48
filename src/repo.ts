import type { Note } from "./result.ts";

/** A repository as our URLs name it: `/github.com/discourse/discourse?ref=&path=`. */
export interface Address {
  host: "github.com" | "local";
  owner: string;
  repo: string;
  /** Branch, tag, commit or `latest-release`; `HEAD` is the default branch; absent means what the repository prefers. */
  ref?: string;
  /** With a commit as `ref`: the branch that had it when it was looked at. */
  branchHint?: string;
  /** The app's folder, without slashes at the ends; empty means the root. */
  path: string;
}

/** A repository at one commit. Reading a file of it never gives anything of another commit. */
export interface Snapshot {
  address: Address;
  /** The ref that was resolved: what was asked for, or the default branch. */
  ref: string;
  commit: string;
  description: string;
  /** No ref was asked for, and this is the latest release. */
  isRelease?: boolean;
  /** Paths of all files below the address's path, relative to it. */
  files: string[];
  /** The text of one of them; null when it is no text or larger than 5 MB. Throws a `Refusal` when it cannot be had now. */
  read(file: string): Promise<string | null>;
}

/** Why a repository cannot be looked at, and what the visitor can do. */
export interface RepositoryProblem {
  kind: "invalid" | "blocked" | "missing" | "moved" | "no-ref" | "no-path" | "limited" | "unreachable" | "too-large";
  note: Note;
  /** `moved`: its new address. */
  to?: Address;
  /** `limited`, `unreachable`: when it makes sense to try again. */
  retryAt?: Date;
}

/** Where a pasted `/tree/a/b/c` divides into a ref and a path. */
export type ResolvedAddress = { ok: true; address: Address } | { ok: false; trouble: RepositoryProblem };

export type OpenResult = { ok: true; snapshot: Snapshot } | { ok: false; trouble: RepositoryProblem };

/** Where repositories come from: one for each host. */
export interface Repositories {
  open(address: Address): Promise<OpenResult>;
  /** Writes the files of the snapshot's commit below the address's path into an empty folder, or throws a `Refusal`. */
  download(source: { address: Address; commit: string }, into: string, signal: AbortSignal): Promise<void>;
}
