import { OperationalError } from "../../clouds/cloud.ts";
import type { Address, OpenResult, Repositories, RepositoryProblem, ResolvedAddress, Snapshot } from "../../repo.ts";
import { unpack } from "../unpack.ts";
import { createCachedClient, type Options } from "./cached-client.ts";
import { missing, moved, RepositoryProblemError } from "./errors.ts";
import { latestRelease } from "./latest-release.ts";
import { readRepo } from "./queries.ts";
import { resolveRef, settleRest } from "./resolve-ref.ts";
import { takeSnapshot } from "./snapshot.ts";

/** GitHub as a source of repositories; what it needs of the world comes in. */
export interface GithubOptions extends Options {
  /** How many addresses stay in memory, and with how many files in all: a large tree takes 20 MB. */
  remembered?: { addresses: number; files: number };
}

/** How long an answer counts as fresh, in ms: without a token even an unchanged answer counts against the limit. */
const FRESH = { withToken: 30_000, without: 300_000 };

/** How long we remember that there is no release, in ms: that GitHub has none is no answer that costs nothing to repeat. */
const UNRELEASED = { withToken: 600_000, without: 3_600_000 };

/** Public repositories of GitHub, each pinned to the commit its ref is at. */
export function githubRepositories(options: GithubOptions): Repositories & {
  /** Tells the ref from the folder in a pasted `/tree/a/b/c`. */
  settle(address: Address & { rest?: string }): Promise<ResolvedAddress>;
} {
  const { now, token, remembered = { addresses: 100, files: 100_000 } } = options;
  const { ask, stream } = createCachedClient(options);
  const latest = latestRelease(ask, { ...options, forget: token ? UNRELEASED.withToken : UNRELEASED.without });
  const recent = new Map<string, { until: number; opened: Promise<OpenResult>; files: number }>();

  async function look(address: Address, before: OpenResult | undefined): Promise<Snapshot> {
    // In one way of writing it, so that the others cost nothing.
    const found = await readRepo(ask, { owner: address.owner.toLowerCase(), repo: address.repo.toLowerCase() });
    // Our token may see more than our visitors should.
    if (found === null || found.private) throw new RepositoryProblemError(missing(address));
    const [owner = "", repo = ""] = found.full_name.split("/");
    const named = { ...address, owner, repo };
    if (found.full_name.toLowerCase() !== `${address.owner}/${address.repo}`.toLowerCase())
      throw new RepositoryProblemError(moved(named));
    const release = address.ref === undefined ? await latest(named) : null;
    const commit = release?.commit ?? (await resolveRef(ask, named, address, found.default_branch));
    const ref = release?.ref ?? address.ref ?? found.default_branch;
    const about = { ref, description: found.description ?? "", isRelease: release !== null };
    // A large tree takes a while to read, also from the database.
    if (before?.ok && before.snapshot.commit === commit) return { ...before.snapshot, ...about };
    return takeSnapshot(ask, { address: named, commit, ...about });
  }

  function forgetOldest(): void {
    let files = 0;
    for (const one of recent.values()) files += one.files;
    for (const [key, one] of recent) {
      if (recent.size <= remembered.addresses && files <= remembered.files) return;
      files -= one.files;
      recent.delete(key);
    }
  }

  return {
    open(address) {
      const { owner, repo, ref, branchHint: seenOn, path } = address;
      const key = JSON.stringify([owner.toLowerCase(), repo.toLowerCase(), ref, seenOn, path]);
      const last = recent.get(key);
      if (last && now() < last.until) return last.opened;
      const opened = Promise.resolve(last?.opened)
        .then((before) => look(address, before))
        .then((snapshot): OpenResult => ({ ok: true, snapshot }), asTrouble);
      const one = { until: now() + (token ? FRESH.withToken : FRESH.without), opened, files: 0 };
      recent.delete(key);
      recent.set(key, one);
      opened.then(
        (result) => {
          if (result.ok) one.files = result.snapshot.files.length;
          else if (result.trouble.retryAt) one.until = Math.min(one.until, result.trouble.retryAt.getTime());
          forgetOldest();
        },
        () => recent.delete(key),
      );
      return opened;
    },

    settle({ rest, ...address }) {
      if (rest === undefined) return Promise.resolve({ ok: true, address });
      return settleRest(ask, address, rest).then((settled) => ({ ok: true, address: settled }), asTrouble);
    },

    async download({ address: { owner, repo, path }, commit }, into, signal) {
      try {
        const archive = await stream("GET /repos/{owner}/{repo}/tarball/{commit}", { owner, repo, commit }, signal);
        await unpack(archive, { path, into, signal });
      } catch (error) {
        if (!(error instanceof RepositoryProblemError)) throw error;
        throw new OperationalError(error.trouble.note.message, error.trouble.note.fix, { cause: error });
      }
    },
  };
}

function asTrouble(error: unknown): { ok: false; trouble: RepositoryProblem } {
  if (error instanceof RepositoryProblemError) return { ok: false, trouble: error.trouble };
  throw error;
}
