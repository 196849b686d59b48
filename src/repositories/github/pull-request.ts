import { createHash } from "node:crypto";
import { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { type DefaultBranchHead, listFolder } from "./default-branch.ts";
import { parseResponse, type UserRequest } from "./user-client.ts";

/** New file contents, with the pull request's title and body. */
export interface Change {
  /** By their path from the root. */
  files: Map<string, string>;
  title: string;
  body: string;
}

const prefix = "slipway-badge";
const ownBranch = /^slipway-badge(?:-\d+)?$/;

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
 * Opens a pull request against the default branch, from a new branch, and returns its number. Idempotent: an earlier
 * attempt's branch or pull request is reused.
 */
export async function openPullRequest(
  request: UserRequest,
  current: DefaultBranchHead,
  { files, title, body }: Change,
): Promise<number> {
  const name = { owner: current.owner, repo: current.repo };
  const existing = await findOpenPullRequest(request, current, files);
  if (existing !== null) return existing;

  const tree = parseResponse(
    await request("POST /repos/{owner}/{repo}/git/trees", {
      ...name,
      base_tree: current.tree,
      tree: [...files].map(([path, content]) => ({ path, mode: "100644", type: "blob", content })),
    }),
    Sha,
  );
  const head = await findOrCreateBranch(request, current, tree.sha, title);
  const response = await request("POST /repos/{owner}/{repo}/pulls", {
    ...name,
    title,
    body,
    head,
    base: current.branch,
  });
  // A concurrent request was faster, such as a second window.
  if (response.status === 422 && /already exists/i.test(JSON.stringify(response.data))) {
    const concurrent = await findOpenPullRequest(request, current, files);
    if (concurrent !== null) return concurrent;
  }
  return parseResponse(response, Pull).number;
}

/** Finds our open pull request that already has these files; null if there is none. */
async function findOpenPullRequest(
  request: UserRequest,
  { owner, repo, branch }: DefaultBranchHead,
  files: Change["files"],
): Promise<number | null> {
  const name = { owner, repo };
  const query = { ...name, state: "open", base: branch, per_page: 100 };
  const pulls = parseResponse(await request("GET /repos/{owner}/{repo}/pulls", query), Pulls);
  for (const { number, head } of pulls) {
    if (!ownBranch.test(head.ref) || head.repo?.full_name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) continue;
    const commit = parseResponse(
      await request("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...name, sha: head.sha }),
      Commit,
    );
    const matches = await Promise.all(
      [...files].map(async ([path, text]) => {
        const slash = path.lastIndexOf("/");
        const entries = await listFolder(request, name, commit.tree.sha, path.slice(0, Math.max(0, slash)));
        return entries.some((entry) => entry.path === path.slice(slash + 1) && entry.sha === blobSha(text));
      }),
    );
    if (matches.every(Boolean)) return number;
  }
  return null;
}

/** Returns git's blob hash of a text. */
function blobSha(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Returns a branch whose one commit has this tree: an earlier attempt's, or a new one. */
async function findOrCreateBranch(
  request: UserRequest,
  current: DefaultBranchHead,
  tree: string,
  message: string,
): Promise<string> {
  const name = { owner: current.owner, repo: current.repo };
  const matching = await request("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", {
    ...name,
    ref: `heads/${prefix}`,
  });
  const existing = new Map(
    parseResponse(matching, Refs).map(({ ref, object }) => [ref.replace(/^refs\/heads\//, ""), object.sha]),
  );
  for (const [branch, sha] of existing) {
    if (!ownBranch.test(branch)) continue;
    const commit = parseResponse(
      await request("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...name, sha }),
      Commit,
    );
    if (commit.tree.sha === tree && commit.parents[0]?.sha === current.commit) return branch;
  }
  const commit = parseResponse(
    await request("POST /repos/{owner}/{repo}/git/commits", { ...name, message, tree, parents: [current.commit] }),
    Sha,
  );
  for (let number = 1; number <= 50; number++) {
    const branch = number === 1 ? prefix : `${prefix}-${number}`;
    if (existing.has(branch)) continue;
    const response = await request("POST /repos/{owner}/{repo}/git/refs", {
      ...name,
      ref: `refs/heads/${branch}`,
      sha: commit.sha,
    });
    if (response.status === 422 && /already exists/i.test(response.message)) continue;
    parseResponse(response, z.unknown());
    return branch;
  }
  throw new OperationalError(
    `There are fifty branches called ${prefix} already.`,
    "Delete those that are not needed any more.",
  );
}
