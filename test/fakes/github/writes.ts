import { addCommit, addTree, type Files, filesOf } from "./git.ts";
import { type Answer, DOCS, json, type Repo, refuse, resolve, unknown } from "./repositories.ts";

// What the fake GitHub lets somebody change in a repository, checked as GitHub checks it.

export interface Writer {
  login: string;
  scope: string;
  push: boolean;
}

type Body = Record<string, unknown>;
const invalid = (message: string, ...errors: string[]) =>
  json({ message, errors: errors.map((message) => ({ code: "custom", message })), documentation_url: DOCS }, 422);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const KINDS: [RegExp, string[], (repo: Repo, body: Body, writer: Writer) => Answer][] = [
  [/^git\/trees$/, ["base_tree", "tree"], makeTree],
  [/^git\/commits$/, ["message", "tree", "parents"], makeCommit],
  [/^git\/refs$/, ["ref", "sha"], makeRef],
  [/^pulls$/, ["title", "body", "head", "base"], openPull],
];

export function change(repo: Repo, rest: string, body: Body, writer: Writer): Answer {
  const kind = KINDS.find(([pattern]) => pattern.test(rest));
  if (!kind) return unknown(`POST ${rest}`);
  const [, keys, make] = kind;
  const extra = Object.keys(body).filter((key) => !keys.includes(key));
  if (extra.length > 0) return unknown(extra.join());
  // A token that may only read does not learn what it could write to.
  if (!/\b(?:public_)?repo\b/.test(writer.scope)) return refuse(404, "Not Found");
  if (repo.archived) return refuse(403, "Repository was archived so is read-only.");
  if (!writer.push) return refuse(403, "Must have push access to repository");
  if (repo.refs.size === 0) return refuse(409, "Git Repository is empty.");
  return make(repo, body, writer);
}

function makeTree({ objects }: Repo, { base_tree: base, tree }: Body): Answer {
  if (!isText(base) || !objects.trees.has(base)) return invalid("base_tree is not a valid tree oid");
  if (!Array.isArray(tree) || tree.length === 0) return invalid("Invalid tree info");
  const files: Files = filesOf(objects, base);
  for (const entry of tree as Body[]) {
    const { path, mode, type, content, ...more } = entry;
    const sound = isText(path) && !/^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/.test(path) && typeof content === "string";
    if (!sound || mode !== "100644" || type !== "blob" || Object.keys(more).length > 0)
      return invalid("Invalid tree info", `tree.${String(path)} is no file that we know`);
    files[path] = content;
  }
  return json({ sha: addTree(objects, Object.entries(files)) }, 201);
}

function makeCommit({ objects }: Repo, { message, tree, parents }: Body): Answer {
  if (!isText(message)) return invalid("Invalid request.", "message is missing");
  if (!isText(tree) || !objects.trees.has(tree)) return invalid("Tree SHA does not exist");
  if (!Array.isArray(parents) || !parents.every((sha) => objects.commits.has(String(sha))))
    return invalid("Parent SHA does not exist or is not a commit object");
  return json({ sha: addCommit(objects, filesOf(objects, tree), parents.map(String)).sha, message }, 201);
}

function makeRef({ objects, refs, rule }: Repo, { ref, sha }: Body): Answer {
  if (!isText(ref) || !/^refs\/heads\/[\w./-]+$/.test(ref)) return invalid("Reference name is not valid");
  if (!isText(sha) || !objects.commits.has(sha)) return invalid("Object does not exist");
  if (refs.has(ref)) return invalid("Reference already exists");
  if (rule) return invalid(`Repository rule violations found\n\n${rule}\n\n`);
  refs.set(ref, sha);
  return json({ ref, object: { sha, type: "commit" } }, 201);
}

function openPull(repo: Repo, { title, body, head, base }: Body, { login }: Writer): Answer {
  if (!isText(title)) return invalid("Validation Failed", "title can't be blank");
  const [from, to] = [resolve(repo, String(head)), resolve(repo, String(base))];
  if (!isText(head) || !repo.refs.has(`refs/heads/${head}`) || !from)
    return invalid("Validation Failed", "head invalid");
  if (!isText(base) || !repo.refs.has(`refs/heads/${base}`) || !to) return invalid("Validation Failed", "base invalid");
  if (from.sha === to.sha) return invalid("Validation Failed", `No commits between ${base} and ${head}`);
  const owner = repo.fullName.split("/")[0];
  if (repo.opened.some((pull) => pull.state === "open" && pull.head === head && pull.base === base))
    return invalid("Validation Failed", `A pull request already exists for ${owner}:${head}.`);
  const number = repo.opened.length + 1;
  repo.opened.push({ number, state: "open", title, body: String(body ?? ""), head, base, by: login });
  return json({ number, html_url: `https://github.com/${repo.fullName}/pull/${number}` }, 201);
}
