import type { Note } from "./result.ts";

/** The address of a repository in our URLs: `/github.com/discourse/discourse?ref=&path=`. */
export interface Address {
  host: "github.com" | "local";
  owner: string;
  repo: string;
  /** Branch, tag, commit or `latest-release`; `HEAD` is the default branch; absent: the repository's own preference. */
  ref?: string;
  /** With a commit as `ref`: the branch that pointed to it. */
  branchHint?: string;
  /** The app's folder without leading and trailing slashes; empty means the root. */
  path: string;
}

/** A repository at one commit. Files are always read at that commit. */
export interface Snapshot {
  address: Address;
  /** The resolved ref: the requested one, or the default branch. */
  ref: string;
  commit: string;
  description: string;
  /** No ref was requested, and this is the latest release. */
  isRelease?: boolean;
  /** Paths of all files below the address's path, relative to it. */
  files: string[];
  /** Returns the text of a file; null if it is not text or larger than 5 MB. Throws an `OperationalError` if it is unavailable. */
  read(file: string): Promise<string | null>;
}

/** Why a repository cannot be read, and what the visitor can do. */
export interface RepositoryProblem {
  kind: "invalid" | "blocked" | "missing" | "moved" | "no-ref" | "no-path" | "limited" | "unreachable" | "too-large";
  note: Note;
  /** `moved`: its new address. */
  to?: Address;
  /** `limited`, `unreachable`: when it makes sense to try again. */
  retryAt?: Date;
}

/** A pasted `/tree/a/b/c`, divided into ref and path. */
export type ResolvedAddress = { ok: true; address: Address } | { ok: false; trouble: RepositoryProblem };

export type OpenResult = { ok: true; snapshot: Snapshot } | { ok: false; trouble: RepositoryProblem };

/** Source of repositories, one for each host. */
export interface Repositories {
  open(address: Address): Promise<OpenResult>;
  /** Writes the files of the snapshot's commit below the address's path into an empty folder, or throws an `OperationalError`. */
  download(source: { address: Address; commit: string }, into: string, signal: AbortSignal): Promise<void>;
}
