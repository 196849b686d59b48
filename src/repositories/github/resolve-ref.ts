import type { Address } from "../../repo.ts";
import type { CachedGet } from "./cached-client.ts";
import { noRef, RepositoryProblemError } from "./errors.ts";
import { type Name, readCommit, readComparison, readLatestRelease, readRefs } from "./queries.ts";

/** The commit that a ref of the repository is at. */
export async function resolveRef(
  ask: CachedGet,
  name: Name,
  { ref, branchHint: seenOn }: Pick<Address, "ref" | "branchHint">,
  branch: string,
): Promise<string> {
  const leaveOut = `Leave the ref out to use the default branch, ${branch}.`;
  if (ref === "latest-release") {
    const release = await readLatestRelease(ask, name);
    if (release === null) throw new RepositoryProblemError(noRef("The repository has no release yet.", leaveOut));
    return resolveRef(ask, name, { ref: `tags/${release.tag_name}` }, branch);
  }
  // A pull request's code is its author's, not the repository's, whatever the address says.
  const isOwn = ref === undefined || !/^(?:refs\/(?!heads\/|tags\/)|pull\/\d+\/(?:head|merge)$)/.test(ref);
  const commit = isOwn ? await readCommit(ask, name, ref ?? `heads/${branch}`) : null;
  if (commit === null && ref === undefined) {
    throw new RepositoryProblemError(
      noRef("The repository is empty.", "Push a first commit, then load this page again."),
    );
  }
  if (commit === null)
    throw new RepositoryProblemError(noRef(`The repository has no branch, tag or commit “${ref}”.`, leaveOut));
  if (ref && isAbbreviation(ref, commit) && !(await isReachable(ask, name, commit, branch, seenOn))) {
    const message = "This commit is neither on the default branch nor at the head of another branch or a tag.";
    throw new RepositoryProblemError(
      noRef(message, `It may be a fork's. ${leaveOut} Or give the branch or tag it is for.`),
    );
  }
  return commit;
}

const isAbbreviation = (ref: string, commit: string) => commit.startsWith(ref.toLowerCase());

/** GitHub gives out the commits of every fork under the original's name: a stranger's code would look like the owner's. */
async function isReachable(
  ask: CachedGet,
  name: Name,
  commit: string,
  branch: string,
  seenOn?: string,
): Promise<boolean> {
  const isIn = async (base: string) => {
    const comparison = await readComparison(ask, name, base, commit);
    return comparison?.status === "identical" || comparison?.status === "behind";
  };
  if (await isIn(branch)) return true;
  const refs = await Promise.all([readRefs(ask, name, "heads"), readRefs(ask, name, "tags")]);
  if (refs.flat().some(({ object }) => object.sha === commit)) return true;
  // Only a branch of this very name will do: whatever else can be compared with may be a fork's as well.
  const head = refs[0]?.find(({ ref }) => ref === `refs/heads/${seenOn?.replace(/^(?:refs\/)?heads\//, "")}`);
  if (head && (await isIn(head.object.sha))) return true;
  const annotated = refs.flat().filter(({ object }) => object.type === "tag");
  for (const { ref } of annotated.slice(-20)) {
    if ((await readCommit(ask, name, ref)) === commit) return true;
  }
  return false;
}

/** Where the ref ends and the folder begins in what stands behind `/tree/`: only the names of its refs can tell. */
export async function settleRest(ask: CachedGet, address: Address, rest: string): Promise<Address> {
  const [first = ""] = rest.split("/");
  const found = await Promise.all([readRefs(ask, address, `heads/${first}`), readRefs(ask, address, `tags/${first}`)]);
  const names = found.flat().map(({ ref }) => ref.replace(/^refs\/(?:heads|tags)\//, ""));
  const fitting = names.filter((name) => `${rest}/`.startsWith(`${name}/`)).sort((a, b) => b.length - a.length);
  const ref = fitting[0] ?? first;
  const { host, owner, repo } = address;
  return { host, owner, repo, ref, path: rest.slice(ref.length + 1) };
}
