import { OperationalError } from "../../clouds/cloud.ts";
import type { Address, OpenResult, Repositories, RepositoryProblem, ResolvedAddress, Snapshot } from "../../repo.ts";
import { unpack } from "../unpack.ts";
import { createCachedClient, type Options } from "./cached-client.ts";
import { missing, moved, RepositoryProblemError } from "./errors.ts";
import { latestRelease } from "./latest-release.ts";
import { readRepo } from "./queries.ts";
import { resolveRef, settleRest } from "./resolve-ref.ts";
import { takeSnapshot } from "./snapshot.ts";

export interface GithubOptions extends Options {
  /** Limits of the in-memory cache: addresses, and files in all (a large tree takes 20 MB). */
  cacheLimits?: { addresses: number; files: number };
}

/** How long a snapshot is fresh: without a token even an unchanged response counts against the limit. */
const FRESH_MS = { withToken: 30_000, without: 300_000 };

/** How long "no release" is cached: GitHub's 404 has no ETag, so repeating the request costs quota. */
const UNRELEASED_MS = { withToken: 600_000, without: 3_600_000 };

/** Serves GitHub's public repositories, each pinned to the commit of its ref. */
export function githubRepositories(options: GithubOptions): Repositories & {
  /** Splits a pasted `/tree/a/b/c` into a ref and a folder. */
  settle(address: Address & { rest?: string }): Promise<ResolvedAddress>;
} {
  const { now, token, cacheLimits = { addresses: 100, files: 100_000 } } = options;
  const { get, stream } = createCachedClient(options);
  const latest = latestRelease(get, { ...options, absentMs: token ? UNRELEASED_MS.withToken : UNRELEASED_MS.without });
  const recent = new Map<string, { until: number; opened: Promise<OpenResult>; files: number }>();

  async function load(address: Address, previous: OpenResult | undefined): Promise<Snapshot> {
    // In lower case, so that other spellings hit the cache.
    const repository = await readRepo(get, { owner: address.owner.toLowerCase(), repo: address.repo.toLowerCase() });
    // Our token may see private repositories that visitors must not.
    if (repository === null || repository.private) throw new RepositoryProblemError(missing(address));
    const [owner = "", repo = ""] = repository.full_name.split("/");
    const named = { ...address, owner, repo };
    if (repository.full_name.toLowerCase() !== `${address.owner}/${address.repo}`.toLowerCase())
      throw new RepositoryProblemError(moved(named));
    const release = address.ref === undefined ? await latest(named) : null;
    const commit = release?.commit ?? (await resolveRef(get, named, address, repository.default_branch));
    const ref = release?.ref ?? address.ref ?? repository.default_branch;
    const details = { ref, description: repository.description ?? "", isRelease: release !== null };
    // A large tree is slow to read, from the database too.
    if (previous?.ok && previous.snapshot.commit === commit) return { ...previous.snapshot, ...details };
    return takeSnapshot(get, { address: named, commit, ...details });
  }

  function evictOldest(): void {
    let files = 0;
    for (const entry of recent.values()) files += entry.files;
    for (const [key, entry] of recent) {
      if (recent.size <= cacheLimits.addresses && files <= cacheLimits.files) return;
      files -= entry.files;
      recent.delete(key);
    }
  }

  return {
    open(address) {
      const { owner, repo, ref, branchHint, path } = address;
      const key = JSON.stringify([owner.toLowerCase(), repo.toLowerCase(), ref, branchHint, path]);
      const last = recent.get(key);
      if (last && now() < last.until) return last.opened;
      const opened = Promise.resolve(last?.opened)
        .then((previous) => load(address, previous))
        .then((snapshot): OpenResult => ({ ok: true, snapshot }), asProblem);
      const entry = { until: now() + (token ? FRESH_MS.withToken : FRESH_MS.without), opened, files: 0 };
      recent.delete(key);
      recent.set(key, entry);
      opened.then(
        (result) => {
          if (result.ok) entry.files = result.snapshot.files.length;
          else if (result.trouble.retryAt) entry.until = Math.min(entry.until, result.trouble.retryAt.getTime());
          evictOldest();
        },
        () => recent.delete(key),
      );
      return opened;
    },

    settle({ rest, ...address }) {
      if (rest === undefined) return Promise.resolve({ ok: true, address });
      return settleRest(get, address, rest).then((settled) => ({ ok: true, address: settled }), asProblem);
    },

    async download({ address: { owner, repo, path }, commit }, into, signal) {
      try {
        const archive = await stream("GET /repos/{owner}/{repo}/tarball/{commit}", { owner, repo, commit }, signal);
        await unpack(archive, { path, into, signal });
      } catch (error) {
        if (!(error instanceof RepositoryProblemError)) throw error;
        throw new OperationalError(error.problem.note.message, error.problem.note.fix, { cause: error });
      }
    },
  };
}

function asProblem(error: unknown): { ok: false; trouble: RepositoryProblem } {
  if (error instanceof RepositoryProblemError) return { ok: false, trouble: error.problem };
  throw error;
}
