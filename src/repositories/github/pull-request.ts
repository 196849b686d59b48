import { createHash } from "node:crypto";
import { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { type DefaultBranchHead, listFolder } from "./default-branch.ts";
import { parseResponse, type UserRequest } from "./user-client.ts";

/** Files of a repository as they should be, and what to say of it. */
export interface Change {
  /** By their path from the root. */
  files: Map<string, string>;
  title: string;
  body: string;
}

const prefix = "slipway-badge";
const ours = /^slipway-badge(?:-\d+)?$/;

const Sha = z.object({ sha: z.string() });
const Refs = z.array(z.object({ ref: z.string(), object: z.object({ sha: z.string() }) }));
const Commit = z.object({ tree: Sha, parents: z.array(Sha) });
const Pull = z.object({ number: z.int().positive() });
const Pulls = z.array(
  Pull.extend({
    head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
  }),
);

/**
 * Opens a pull request with this change of the default branch, from a branch of its own, and gives its number. What a
 * press before this one has got done is found again: there is one pull request for one change.
 */
export async function openPullRequest(
  say: UserRequest,
  current: DefaultBranchHead,
  { files, title, body }: Change,
): Promise<number> {
  const at = { owner: current.owner, repo: current.repo };
  const known = await openFor(say, current, files);
  if (known !== null) return known;

  const tree = parseResponse(
    await say("POST /repos/{owner}/{repo}/git/trees", {
      ...at,
      base_tree: current.tree,
      tree: [...files].map(([path, content]) => ({ path, mode: "100644", type: "blob", content })),
    }),
    Sha,
  );
  const head = await branchWith(say, current, tree.sha, title);
  const said = await say("POST /repos/{owner}/{repo}/pulls", { ...at, title, body, head, base: current.branch });
  // Somebody else has been faster, such as the same press in another window.
  if (said.status === 422 && /already exists/i.test(JSON.stringify(said.data))) {
    const opened = await openFor(say, current, files);
    if (opened !== null) return opened;
  }
  return parseResponse(said, Pull).number;
}

/** The open pull request of ours whose files are already as wanted; null where there is none. */
async function openFor(
  say: UserRequest,
  { owner, repo, branch }: DefaultBranchHead,
  files: Change["files"],
): Promise<number | null> {
  const at = { owner, repo };
  const asked = { ...at, state: "open", base: branch, per_page: 100 };
  const pulls = parseResponse(await say("GET /repos/{owner}/{repo}/pulls", asked), Pulls);
  for (const { number, head } of pulls) {
    if (!ours.test(head.ref) || head.repo?.full_name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) continue;
    const commit = parseResponse(
      await say("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...at, sha: head.sha }),
      Commit,
    );
    const same = await Promise.all(
      [...files].map(async ([path, text]) => {
        const slash = path.lastIndexOf("/");
        const entries = await listFolder(say, at, commit.tree.sha, path.slice(0, Math.max(0, slash)));
        return entries.some((entry) => entry.path === path.slice(slash + 1) && entry.sha === shaOf(text));
      }),
    );
    if (same.every(Boolean)) return number;
  }
  return null;
}

/** The hash that git gives a file with this text. */
function shaOf(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** A branch whose one commit makes this tree of the default branch: one left behind by an earlier try, or a new one. */
async function branchWith(
  say: UserRequest,
  current: DefaultBranchHead,
  tree: string,
  message: string,
): Promise<string> {
  const at = { owner: current.owner, repo: current.repo };
  const matching = await say("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", { ...at, ref: `heads/${prefix}` });
  const taken = new Map(
    parseResponse(matching, Refs).map(({ ref, object }) => [ref.replace(/^refs\/heads\//, ""), object.sha]),
  );
  for (const [name, sha] of taken) {
    if (!ours.test(name)) continue;
    const commit = parseResponse(await say("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...at, sha }), Commit);
    if (commit.tree.sha === tree && commit.parents[0]?.sha === current.commit) return name;
  }
  const commit = parseResponse(
    await say("POST /repos/{owner}/{repo}/git/commits", { ...at, message, tree, parents: [current.commit] }),
    Sha,
  );
  for (let number = 1; number <= 50; number++) {
    const name = number === 1 ? prefix : `${prefix}-${number}`;
    if (taken.has(name)) continue;
    const said = await say("POST /repos/{owner}/{repo}/git/refs", {
      ...at,
      ref: `refs/heads/${name}`,
      sha: commit.sha,
    });
    if (said.status === 422 && /already exists/i.test(said.message)) continue;
    parseResponse(said, z.unknown());
    return name;
  }
  throw new OperationalError(
    `There are fifty branches called ${prefix} already.`,
    "Delete those that are not needed any more.",
  );
}
