import { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { parseResponse, type UserRequest } from "./user-client.ts";

/** A repository, and the folder of the app in it. */
export interface Target {
  owner: string;
  repo: string;
  path: string;
}

/** The default branch as it is now, as far as a change of the README needs it. */
export interface DefaultBranchHead {
  /** GitHub's own spelling. */
  owner: string;
  repo: string;
  branch: string;
  commit: string;
  tree: string;
  /** null: there is none. `sha` is of its content. */
  readme: { file: string; sha: string; text: string } | null;
  /** The names in the app's folder. */
  beside: string[];
}

const Repo = z.object({
  full_name: z.string().regex(/^[\w-]+\/[\w.-]+$/),
  default_branch: z.string(),
  archived: z.boolean(),
});
const Ref = z.object({ object: z.object({ sha: z.string() }) });
const Commit = z.object({ tree: z.object({ sha: z.string() }) });
const Readme = z.object({ path: z.string(), sha: z.string(), encoding: z.string(), content: z.string() });
const Tree = z.object({ tree: z.array(z.object({ path: z.string(), mode: z.string(), sha: z.string() })) });

/** The longest README that we change, in letters of base64. */
const longest = 175_000;
const byHand = "Copy the text on the badge page, and paste it yourself.";

/** Reads what a change starts from; throws a `Refusal` where there can be none. */
export async function readDefaultBranch(say: UserRequest, { owner, repo, path }: Target): Promise<DefaultBranchHead> {
  const at = { owner, repo };
  const found = parseResponse(await say("GET /repos/{owner}/{repo}", at), Repo);
  if (found.archived)
    throw new OperationalError("The repository is archived, so nobody can change it.", "Unarchive it first.");
  const branch = found.default_branch;
  const ref = parseResponse(
    await say("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...at, ref: `heads/${branch}` }),
    Ref,
  );
  const commit = ref.object.sha;
  const { tree } = parseResponse(
    await say("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...at, sha: commit }),
    Commit,
  );
  const list = (folder: string) => listFolder(say, at, tree.sha, folder);
  const readme = (path && (await readReadme(say, at, commit, path))) || (await readReadme(say, at, commit, ""));
  if (readme) {
    const slash = readme.file.lastIndexOf("/");
    const entries = await list(slash < 0 ? "" : readme.file.slice(0, slash));
    const mode = entries.find((entry) => entry.path === readme.file.slice(slash + 1))?.mode;
    if (mode === "120000")
      throw new OperationalError(`${readme.file} is a link to another file, which we do not follow.`, byHand);
  }
  const beside = (await list(path)).map((entry) => entry.path);
  const [named = owner, name = repo] = found.full_name.split("/");
  return { owner: named, repo: name, branch, commit, tree: tree.sha, readme, beside };
}

/** The README that GitHub shows for a folder. */
async function readReadme(
  say: UserRequest,
  at: object,
  commit: string,
  path: string,
): Promise<DefaultBranchHead["readme"]> {
  const route = `GET /repos/{owner}/{repo}/readme${path ? "/{path}" : ""}`;
  const said = await say(route, { ...at, ...(path ? { path } : {}), ref: commit });
  if (said.status === 404) return null;
  const { path: file, sha, encoding, content } = parseResponse(said, Readme);
  if (encoding !== "base64" || content.length > longest)
    throw new OperationalError(`${file} is longer than we change.`, byHand);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(content, "base64"));
    return { file, sha, text };
  } catch {
    throw new OperationalError(`${file} is not in UTF-8, so that we might break it.`, byHand);
  }
}

/** What is in a folder of a tree; nothing where there is no such folder. */
export async function listFolder(say: UserRequest, at: object, root: string, folder: string) {
  let sha = root;
  for (const name of folder.split("/").filter(Boolean)) {
    const entries = await listTree(say, at, sha);
    const next = entries.find((entry) => entry.path === name && entry.mode === "040000");
    if (!next) return [];
    sha = next.sha;
  }
  return listTree(say, at, sha);
}

const listTree = async (say: UserRequest, at: object, sha: string) =>
  parseResponse(await say("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", { ...at, tree_sha: sha }), Tree).tree;
