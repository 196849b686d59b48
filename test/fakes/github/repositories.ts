import {
  addCommit,
  archive,
  type Commit,
  createObjectStore,
  type Files,
  isAncestor,
  listTree,
  type Objects,
} from "./git.ts";

// The repositories of the fake GitHub, and what it answers about each.

export interface Seed {
  /** Files of the default branch, main; without any the repository is empty. */
  files?: Files;
  /** Further branches by name; each starts from main. */
  branches?: Record<string, Files>;
  /** Tags by name; each is a commit of its own on main's first commit. */
  tags?: Record<string, Files>;
  /** The tag of the latest release. */
  release?: string;
  /** Heads of pull requests from forks, by number: commits that no branch of the repository has. */
  pulls?: Record<number, Files>;
  description?: string;
  private?: boolean;
  archived?: boolean;
  /** GitHub's reason for having taken it down. */
  blocked?: "dmca" | "tos";
  /** GitHub's reason not to let a branch be made, such as a rule of the repository. */
  rule?: string;
  /** Recursive trees have no more entries than this. */
  treeLimit?: number;
}
export interface Repo extends Seed {
  id: number;
  fullName: string;
  objects: Objects;
  /** From `refs/heads/main` to the commit. */
  refs: Map<string, string>;
  annotated: Set<string>;
  opened: Pull[];
}
/** A pull request that somebody opened. */
export interface Pull {
  number: number;
  state: "open" | "closed";
  title: string;
  body: string;
  head: string;
  base: string;
  by: string;
}

export function createRepository(id: number, fullName: string, seed: Seed): Repo {
  const objects = createObjectStore();
  const repo: Repo = { ...seed, id, fullName, objects, refs: new Map(), annotated: new Set(), opened: [] };
  if (!seed.files) return repo;
  const main = addCommit(objects, seed.files);
  repo.refs.set("refs/heads/main", main.sha);
  const more = (prefix: string, all: Record<string, Files> = {}, suffix = "") => {
    for (const [name, files] of Object.entries(all)) {
      repo.refs.set(prefix + name + suffix, addCommit(objects, files, [main.sha]).sha);
    }
  };
  more("refs/heads/", seed.branches);
  more("refs/tags/", seed.tags);
  more("refs/pull/", seed.pulls, "/head");
  return repo;
}

export interface Answer {
  status: number;
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
  etag?: string;
  headers?: Record<string, string>;
}
export const DOCS = "https://docs.github.com/rest";
export const json = (value: unknown, status = 200, headers = {}): Answer => ({
  status,
  type: "application/json; charset=utf-8",
  body: JSON.stringify(value),
  headers,
});
export const refuse = (status: number, message: string) =>
  json({ message, documentation_url: DOCS, status: `${status}` }, status);
export const unknown = (what: string) => json({ message: `The fake does not know ${what}` }, 501);

/** By the path after the repository's name: which Accept and query it wants, and what it answers. */
const ANSWERS: [
  RegExp,
  { accept?: string; query?: string[]; empty?: true },
  (repo: Repo, at: string, url: URL) => Answer,
][] = [
  [/^$/, { empty: true }, describe],
  [/^releases$/, { empty: true, query: ["per_page"] }, ({ release }) => json(release ? [{ tag_name: release }] : [])],
  [/^releases\/latest$/, { empty: true }, latestRelease],
  [/^commits\/(.+)$/, { accept: "application/vnd.github.sha" }, commitSha],
  [/^compare\/(.+)$/, { query: ["per_page"] }, comparison],
  [/^git\/matching-refs\/(.+)$/, {}, matchingRefs],
  [/^git\/ref\/heads\/(.+)$/, {}, branchRef],
  [/^git\/commits\/([\da-f]{40})$/, {}, commitOf],
  [/^readme(?:\/(.+))?$/, { query: ["ref"] }, readmeOf],
  [/^pulls$/, { query: ["state", "base", "per_page"], empty: true }, openPulls],
  [/^git\/trees\/([^/]+)$/, { query: ["recursive"] }, tree],
  [/^git\/blobs\/([^/]+)$/, { accept: "application/vnd.github.raw+json" }, blob],
  [/^tarball\/(.+)$/, { accept: "application/vnd.github.v3+json" }, toTarball],
];

export function respondAbout(repo: Repo, rest: string, url: URL, accept: string): Answer {
  if (repo.blocked) return blocked(repo.blocked);
  for (const [pattern, { accept: wanted = "application/vnd.github+json", query = [], empty }, answer] of ANSWERS) {
    const match = pattern.exec(rest);
    if (!match) continue;
    const extra = [...url.searchParams.keys()].filter((key) => !query.includes(key));
    if (extra.length > 0) return unknown(`?${extra.join("&")}`);
    if (accept !== wanted) return refuse(415, `Unsupported 'Accept' header: '${accept}'. Must accept '${wanted}'.`);
    if (repo.refs.size === 0 && !empty) return refuse(409, "Git Repository is empty.");
    return answer(repo, match[1] ?? "", url);
  }
  return unknown(url.pathname);
}

// https://github.com/github/rest-api-description/issues/3314
function blocked(reason: "dmca" | "tos"): Answer {
  const page = reason === "dmca" ? "https://github.com/github/dmca/blob/master/x.md" : "https://github.com/tos";
  const block = { reason, created_at: "2021-04-22T17:53:56Z", html_url: page };
  return json({ message: "Repository access blocked", block }, reason === "dmca" ? 451 : 403);
}

function describe(repo: Repo, _at: string, url: URL): Answer {
  return json({
    id: repo.id,
    name: repo.fullName.split("/")[1],
    full_name: repo.fullName,
    private: repo.private ?? false,
    description: repo.description ?? null,
    archived: repo.archived ?? false,
    default_branch: "main",
    html_url: `https://github.com/${repo.fullName}`,
    url: `${url.origin}/repos/${repo.fullName}`,
    size: 1,
  });
}

function latestRelease({ release }: Repo): Answer {
  if (!release) return refuse(404, "Not Found");
  return json({ tag_name: release, name: release, draft: false, prerelease: false });
}

/** As git rev-parse looks a name up, https://git-scm.com/docs/gitrevisions. */
export function resolve({ objects: { commits }, refs }: Repo, ref: string): Commit | undefined {
  if (commits.has(ref)) return commits.get(ref);
  const names = ref === "HEAD" ? ["refs/heads/main"] : [ref, `refs/${ref}`, `refs/tags/${ref}`, `refs/heads/${ref}`];
  const named = names.find((name) => refs.has(name));
  if (named) return commits.get(refs.get(named) ?? "");
  const isShort = /^[\da-f]{4,39}$/i.test(ref);
  const fitting = isShort ? [...commits.values()].filter(({ sha }) => sha.startsWith(ref.toLowerCase())) : [];
  return fitting.length === 1 ? fitting[0] : undefined;
}

function commitSha(repo: Repo, ref: string): Answer {
  const commit = resolve(repo, ref);
  if (!commit) return refuse(422, `No commit found for SHA: ${ref}`);
  return { status: 200, type: "application/vnd.github.sha; charset=utf-8", body: commit.sha, etag: `"${commit.sha}"` };
}

function comparison(repo: Repo, basehead: string): Answer {
  const [base, head] = basehead.split("...").map((ref) => resolve(repo, ref)?.sha);
  if (!base || !head) return refuse(404, "Not Found");
  const ahead = isAncestor(repo.objects, base, head);
  const behind = isAncestor(repo.objects, head, base);
  const status = ahead && behind ? "identical" : ahead ? "ahead" : behind ? "behind" : "diverged";
  return json({ status, commits: [], files: [] });
}

function matchingRefs({ refs, annotated }: Repo, start: string): Answer {
  const fitting = [...refs].filter(([ref]) => ref.startsWith(`refs/${start}`)).sort();
  const object = (ref: string, sha: string) =>
    annotated.has(ref) ? { sha: sha.replace(/^.{8}/, "00000000"), type: "tag" } : { sha, type: "commit" };
  return json(fitting.map(([ref, sha]) => ({ ref, node_id: "x", object: object(ref, sha) })));
}

function branchRef({ refs }: Repo, name: string): Answer {
  const sha = refs.get(`refs/heads/${name}`);
  return sha ? json({ ref: `refs/heads/${name}`, object: { sha, type: "commit" } }) : refuse(404, "Not Found");
}

function commitOf({ objects }: Repo, sha: string): Answer {
  const commit = objects.commits.get(sha);
  if (!commit) return refuse(404, "Not Found");
  return json({ sha, tree: { sha: commit.tree }, parents: commit.parents.map((sha) => ({ sha })) });
}

/** The README of a folder; of the root also from `.github` and `docs`, as GitHub chooses it. */
function readmeOf(repo: Repo, folder: string, url: URL): Answer {
  const commit = resolve(repo, url.searchParams.get("ref") ?? "HEAD");
  const all = commit ? listTree(repo.objects, commit.tree, true) : [];
  const places = folder ? [`${folder}/`] : [".github/", "", "docs/"];
  const found = places
    .flatMap((place) =>
      all.filter(({ path }) => path.startsWith(place) && /^readme(?:\.[^/]*)?$/i.test(path.slice(place.length))),
    )
    .at(0);
  const bytes = repo.objects.blobs.get(found?.sha ?? "");
  if (!found || !bytes) return refuse(404, "Not Found");
  const content = Buffer.from(bytes).toString("base64").replace(/.{60}/g, "$&\n");
  return json({ type: "file", path: found.path, sha: found.sha, size: bytes.length, encoding: "base64", content });
}

function openPulls({ opened, refs, fullName }: Repo, _at: string, url: URL): Answer {
  const { state, base } = Object.fromEntries(url.searchParams);
  const fitting = opened.filter((pull) => pull.state === state && pull.base === base);
  const head = (ref: string) => ({ ref, sha: refs.get(`refs/heads/${ref}`), repo: { full_name: fullName } });
  return json(fitting.map(({ number, title, head: ref }) => ({ number, title, state, head: head(ref) })));
}

function tree(repo: Repo, ref: string, url: URL): Answer {
  const sha = resolve(repo, ref)?.tree ?? ref;
  if (!repo.objects.trees.has(sha)) return refuse(404, "Not Found");
  // Any value means recursive, also 0: https://docs.github.com/en/rest/git/trees#get-a-tree
  const recursive = url.searchParams.has("recursive");
  const all = listTree(repo.objects, sha, recursive);
  const most = recursive ? (repo.treeLimit ?? 100_000) : 100_000;
  const entries = all
    .slice(0, most)
    .map((entry) => ({ ...entry, url: `${url.origin}/git/${entry.type}s/${entry.sha}` }));
  return json({ sha, url: url.href, tree: entries, truncated: all.length > most });
}

function blob({ objects }: Repo, sha: string): Answer {
  const bytes = objects.blobs.get(sha);
  if (!bytes) return refuse(404, "Not Found");
  return { status: 200, type: "application/vnd.github.raw+json; charset=utf-8", body: new Uint8Array(bytes) };
}

/** The archive is on another host, as GitHub's is on codeload.github.com. */
function toTarball(repo: Repo, ref: string, url: URL): Answer {
  const commit = resolve(repo, ref);
  if (!commit) return refuse(404, "Not Found");
  const top = `${repo.fullName.replace("/", "-")}-${commit.sha.slice(0, 7)}`;
  const location = `${url.origin.replace("127.0.0.1", "localhost")}/codeload/${repo.id}/${top}/${commit.sha}`;
  return { status: 302, type: "text/html", body: "", headers: { location } };
}

export function tarballOf(repo: Repo | undefined, top: string, sha: string): Answer {
  const commit = repo?.objects.commits.get(sha);
  if (!commit) return { status: 404, type: "text/plain", body: "404: Not Found" };
  return { status: 200, type: "application/x-gzip", body: archive(top, commit) };
}
