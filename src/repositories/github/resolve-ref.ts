import type { Address } from "../../repo.ts";
import type { CachedGet } from "./cached-client.ts";
import { noRef, RepositoryProblemError } from "./errors.ts";
import { type RepositoryName, readCommit, readComparison, readLatestRelease, readRefs } from "./queries.ts";

/** Returns the commit of a ref; throws a RepositoryProblemError if the repository has no such ref. */
export async function resolveRef(
  get: CachedGet,
  name: RepositoryName,
  { ref, branchHint }: Pick<Address, "ref" | "branchHint">,
  branch: string,
): Promise<string> {
  const leaveOut = `Leave the ref out to use the default branch, ${branch}.`;
  if (ref === "latest-release") {
    const release = await readLatestRelease(get, name);
    if (release === null) throw new RepositoryProblemError(noRef("The repository has no release yet.", leaveOut));
    return resolveRef(get, name, { ref: `tags/${release.tag_name}` }, branch);
  }
  // A pull request's code is its author's, not the repository's.
  const isOwn = ref === undefined || !/^(?:refs\/(?!heads\/|tags\/)|pull\/\d+\/(?:head|merge)$)/.test(ref);
  const commit = isOwn ? await readCommit(get, name, ref ?? `heads/${branch}`) : null;
  if (commit === null && ref === undefined) {
    throw new RepositoryProblemError(
      noRef("The repository is empty.", "Push a first commit, then load this page again."),
    );
  }
  if (commit === null)
    throw new RepositoryProblemError(noRef(`The repository has no branch, tag or commit “${ref}”.`, leaveOut));
  if (ref && isAbbreviation(ref, commit) && !(await isReachable(get, name, commit, branch, branchHint))) {
    const message = "This commit is neither on the default branch nor at the head of another branch or a tag.";
    throw new RepositoryProblemError(
      noRef(message, `It may be a fork's. ${leaveOut} Or give the branch or tag it is for.`),
    );
  }
  return commit;
}

const isAbbreviation = (ref: string, commit: string) => commit.startsWith(ref.toLowerCase());

/** GitHub serves the commits of every fork under the original's name: a stranger's code would look like the owner's. */
async function isReachable(
  get: CachedGet,
  name: RepositoryName,
  commit: string,
  branch: string,
  branchHint?: string,
): Promise<boolean> {
  const isInHistoryOf = async (base: string) => {
    const comparison = await readComparison(get, name, base, commit);
    return comparison?.status === "identical" || comparison?.status === "behind";
  };
  if (await isInHistoryOf(branch)) return true;
  const refs = await Promise.all([readRefs(get, name, "heads"), readRefs(get, name, "tags")]);
  if (refs.flat().some(({ object }) => object.sha === commit)) return true;
  // Only a branch of exactly this name: other comparable bases may belong to a fork.
  const head = refs[0]?.find(({ ref }) => ref === `refs/heads/${branchHint?.replace(/^(?:refs\/)?heads\//, "")}`);
  if (head && (await isInHistoryOf(head.object.sha))) return true;
  const annotated = refs.flat().filter(({ object }) => object.type === "tag");
  // Each costs a request, so only the latest are compared: the limit keeps a look at a handful of requests.
  for (const { ref } of annotated.slice(-2)) {
    if ((await readCommit(get, name, ref)) === commit) return true;
  }
  return false;
}

/** Splits the rest of a `/tree/` URL into ref and folder, by the names of the repository's refs. */
export async function settleRest(get: CachedGet, address: Address, rest: string): Promise<Address> {
  const [first = ""] = rest.split("/");
  const lists = await Promise.all([readRefs(get, address, `heads/${first}`), readRefs(get, address, `tags/${first}`)]);
  const names = lists.flat().map(({ ref }) => ref.replace(/^refs\/(?:heads|tags)\//, ""));
  const matching = names.filter((name) => `${rest}/`.startsWith(`${name}/`)).sort((a, b) => b.length - a.length);
  const ref = matching[0] ?? first;
  const { host, owner, repo } = address;
  return { host, owner, repo, ref, path: rest.slice(ref.length + 1) };
}
