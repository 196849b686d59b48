import { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { parseResponse, type UserRequest } from "./user-client.ts";

/** A repository, and the folder of the app in it. */
export interface Target {
  owner: string;
  repo: string;
  path: string;
}

/** The head of the default branch, as a change of the README needs it. */
export interface DefaultBranchHead {
  /** GitHub's own spelling. */
  owner: string;
  repo: string;
  branch: string;
  commit: string;
  tree: string;
  /** `sha` is of its content; null if there is no README. */
  readme: { file: string; sha: string; text: string } | null;
  /** File names in the app's folder. */
  siblings: string[];
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

/** Size limit of a README, in characters of base64. */
const maxBase64Length = 175_000;
const pasteYourself = "Copy the text on the badge page, and paste it yourself.";

/** Reads the state that a change starts from; throws an OperationalError if the repository cannot be changed. */
export async function readDefaultBranch(
  request: UserRequest,
  { owner, repo, path }: Target,
): Promise<DefaultBranchHead> {
  const name = { owner, repo };
  const repository = parseResponse(await request("GET /repos/{owner}/{repo}", name), Repo);
  if (repository.archived)
    throw new OperationalError("The repository is archived, so nobody can change it.", "Unarchive it first.");
  const branch = repository.default_branch;
  const ref = parseResponse(
    await request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...name, ref: `heads/${branch}` }),
    Ref,
  );
  const commit = ref.object.sha;
  const { tree } = parseResponse(
    await request("GET /repos/{owner}/{repo}/git/commits/{sha}", { ...name, sha: commit }),
    Commit,
  );
  const list = (folder: string) => listFolder(request, name, tree.sha, folder);
  const readme =
    (path && (await readReadme(request, name, commit, path))) || (await readReadme(request, name, commit, ""));
  if (readme) {
    const slash = readme.file.lastIndexOf("/");
    const entries = await list(slash < 0 ? "" : readme.file.slice(0, slash));
    const mode = entries.find((entry) => entry.path === readme.file.slice(slash + 1))?.mode;
    if (mode === "120000")
      throw new OperationalError(`${readme.file} is a link to another file, which we do not follow.`, pasteYourself);
  }
  const siblings = (await list(path)).map((entry) => entry.path);
  const [currentOwner = owner, currentRepo = repo] = repository.full_name.split("/");
  return { owner: currentOwner, repo: currentRepo, branch, commit, tree: tree.sha, readme, siblings };
}

/** Reads the README that GitHub shows for a folder; null if there is none. */
async function readReadme(
  request: UserRequest,
  name: object,
  commit: string,
  path: string,
): Promise<DefaultBranchHead["readme"]> {
  const route = `GET /repos/{owner}/{repo}/readme${path ? "/{path}" : ""}`;
  const response = await request(route, { ...name, ...(path ? { path } : {}), ref: commit });
  if (response.status === 404) return null;
  const { path: file, sha, encoding, content } = parseResponse(response, Readme);
  if (encoding !== "base64" || content.length > maxBase64Length)
    throw new OperationalError(`${file} is longer than we change.`, pasteYourself);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(content, "base64"));
    return { file, sha, text };
  } catch {
    throw new OperationalError(`${file} is not in UTF-8, so that we might break it.`, pasteYourself);
  }
}

/** Lists a folder of a tree; empty if there is no such folder. */
export async function listFolder(request: UserRequest, name: object, root: string, folder: string) {
  let sha = root;
  for (const child of folder.split("/").filter(Boolean)) {
    const entries = await listTree(request, name, sha);
    const next = entries.find((entry) => entry.path === child && entry.mode === "040000");
    if (!next) return [];
    sha = next.sha;
  }
  return listTree(request, name, sha);
}

const listTree = async (request: UserRequest, name: object, sha: string) =>
  parseResponse(await request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", { ...name, tree_sha: sha }), Tree).tree;
