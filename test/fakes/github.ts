import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { addCommit, archive, type Commit, type Files, isAncestor, listTree, noObjects, type Objects } from "./git.ts";

// A strict api.github.com for the questions Slipway asks. Whatever it does not know it answers with 501, so that a
// test which asks something else fails, and does not pass by luck.

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
  /** Recursive trees have no more entries than this. */
  treeLimit?: number;
}
interface Repo extends Seed {
  id: number;
  fullName: string;
  objects: Objects;
  /** From `refs/heads/main` to the commit. */
  refs: Map<string, string>;
  annotated: Set<string>;
}
export interface Asked {
  path: string;
  status: number;
  authorization: string | null;
  ifNoneMatch: string | null;
}

const DOCS = "https://docs.github.com/rest";
const TOKENS: Record<string, number> = { "good-token": 5000, "owner-token": 5000 };

/** Starts it on a port of its own. `url` is for GITHUB_API_URL; `good-token` sees what is public, `owner-token` everything. */
export async function fakeGitHub({
  repos = {},
  now = Date.now,
  anonymousLimit = 60,
}: {
  repos?: Record<string, Seed>;
  now?: () => number;
  anonymousLimit?: number;
} = {}) {
  const known = new Map<string, Repo>();
  const renamed = new Map<string, string>();
  const used = new Map<string, number>();
  const asked: Asked[] = [];
  let misbehave: ((request: Request) => Response | Promise<Response> | undefined) | undefined;
  const find = (name: string) => known.get(name.toLowerCase());

  const app = new Hono();
  app.use(async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    const [authorization, ifNoneMatch] = [c.req.header("authorization") ?? null, c.req.header("if-none-match") ?? null];
    await next();
    asked.push({ path: pathname + search, status: c.res.status, authorization, ifNoneMatch });
  });
  app.get("/codeload/:top/:sha", (c) => {
    // Another host: what is for api.github.com must not arrive here.
    if (c.req.header("authorization")) return c.text("a token came along", 501);
    const commit = [...known.values()].flatMap(({ objects }) => objects.commits.get(c.req.param("sha")) ?? [])[0];
    if (!commit) return c.text("404: Not Found", 404);
    return c.body(archive(c.req.param("top"), commit), 200, { "content-type": "application/x-gzip" });
  });
  app.get("*", async (c) => {
    const bad = await misbehave?.(c.req.raw);
    if (bad) return bad;
    if (!c.req.header("user-agent"))
      return c.text(
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        403,
      );
    const authorization = c.req.header("authorization");
    const token = authorization?.replace(/^(?:token|bearer) /i, "");
    const limit = token === undefined ? anonymousLimit : TOKENS[token];
    if (limit === undefined) return c.json({ message: "Bad credentials", documentation_url: DOCS, status: "401" }, 401);
    const version = c.req.header("x-github-api-version");
    if (version !== "2022-11-28") return c.json({ message: `unexpected version ${version}` }, 501);

    const who = token ?? "anonymous";
    const spent = used.get(who) ?? 0;
    const headers = (remaining: number) => ({
      "x-github-media-type": "github.v3",
      "x-ratelimit-limit": `${limit}`,
      "x-ratelimit-remaining": `${Math.max(remaining, 0)}`,
      "x-ratelimit-reset": `${Math.floor(now() / 1000) + 1800}`,
      "x-ratelimit-resource": "core",
    });
    if (spent >= limit) {
      const message = token
        ? "API rate limit exceeded for user ID 1."
        : "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)";
      return c.json({ message, documentation_url: `${DOCS}/overview/rate-limits-for-the-rest-api` }, 403, headers(0));
    }
    const answer = answerTo(new URL(c.req.url), c.req.header("accept") ?? "*/*", token === "owner-token");
    const etag = answer.etag ?? `W/"${createHash("sha256").update(answer.body).update(who).digest("hex")}"`;
    const unchanged = answer.status === 200 && c.req.header("if-none-match") === etag;
    // Free only for those who say who they are: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    if (!unchanged || token === undefined) used.set(who, spent + 1);
    const all = {
      ...headers(limit - (used.get(who) ?? 0)),
      ...(answer.status === 200 ? { etag } : {}),
      ...answer.headers,
    };
    if (unchanged) return c.body(null, 304, all);
    return new Response(answer.body, { status: answer.status, headers: { ...all, "content-type": answer.type } });
  });

  interface Answer {
    status: number;
    type: string;
    body: string | Uint8Array<ArrayBuffer>;
    etag?: string;
    headers?: Record<string, string>;
  }
  const json = (value: unknown, status = 200, headers = {}): Answer => ({
    status,
    type: "application/json; charset=utf-8",
    body: JSON.stringify(value),
    headers,
  });
  const refuse = (status: number, message: string, more = {}) =>
    json({ message, documentation_url: DOCS, status: `${status}`, ...more }, status);
  const unknown = (what: string) => json({ message: `The fake does not know ${what}` }, 501);

  function answerTo(url: URL, accept: string, isOwner: boolean): Answer {
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    const byId = parts[0] === "repositories";
    const name = `${parts[1]}/${parts[2]}`;
    const repo = byId ? [...known.values()].find(({ id }) => `${id}` === parts[1]) : find(name);
    const rest = parts.slice(byId ? 2 : 3);
    if (!byId && parts[0] !== "repos") return unknown(url.pathname);
    const newName = renamed.get(name.toLowerCase());
    if (newName && !repo) {
      const to = `${url.origin}/repositories/${find(newName)?.id}${[...rest.map((part) => `/${encodeURIComponent(part)}`)].join("")}${url.search}`;
      return json({ message: "Moved Permanently", url: to, documentation_url: DOCS }, 301, { location: to });
    }
    if (!repo || (repo.private && !isOwner)) return refuse(404, "Not Found");
    if (repo.blocked) {
      const block = {
        reason: repo.blocked,
        created_at: "2021-04-22T17:53:56Z",
        html_url:
          repo.blocked === "dmca" ? "https://github.com/github/dmca/blob/master/x.md" : "https://github.com/tos",
      };
      return json({ message: "Repository access blocked", block }, repo.blocked === "dmca" ? 451 : 403);
    }
    const query = Object.fromEntries(url.searchParams);
    const type = accept.replace(/;.*/, "");
    const [kind = "", second = ""] = rest;
    const media =
      kind === "commits"
        ? "application/vnd.github.sha"
        : second === "blobs"
          ? "application/vnd.github.raw+json"
          : "application/vnd.github+json";
    if (kind !== "tarball" && type !== media)
      return refuse(415, `Unsupported 'Accept' header: '${accept}'. Must accept '${media}'.`);
    const allowed: Record<string, string[]> = { compare: ["per_page", "page"], "git/trees": ["recursive"] };
    const extra = Object.keys(query).filter(
      (key) => !(allowed[kind === "git" ? `${kind}/${second}` : kind] ?? []).includes(key),
    );
    if (extra.length > 0) return unknown(`?${extra.join("&")}`);

    if (kind === "") return json(describe(repo, url.origin));
    if (kind === "releases" && rest.join("/") === "releases/latest") {
      return repo.release
        ? json({ tag_name: repo.release, name: repo.release, draft: false, prerelease: false })
        : refuse(404, "Not Found");
    }
    if (repo.refs.size === 0) return refuse(409, "Git Repository is empty.");
    if (kind === "commits") return answerCommit(repo, rest.slice(1).join("/"));
    if (kind === "compare") return answerComparison(repo, rest.slice(1).join("/"));
    if (kind === "tarball") {
      const commit = resolve(repo, rest.slice(1).join("/"));
      if (!commit) return refuse(404, "Not Found");
      const top = `${repo.fullName.replace("/", "-")}-${commit.sha.slice(0, 7)}`;
      const location = `${url.origin.replace("127.0.0.1", "localhost")}/codeload/${top}/${commit.sha}`;
      return { status: 302, type: "text/html", body: "", headers: { location } };
    }
    if (kind === "git" && second === "trees" && rest.length === 3)
      return answerTree(repo, rest[2] ?? "", "recursive" in query, url);
    if (kind === "git" && second === "blobs" && rest.length === 3) {
      const blob = repo.objects.blobs.get(rest[2] ?? "");
      if (!blob) return refuse(404, "Not Found");
      return { status: 200, type: "application/vnd.github.raw+json; charset=utf-8", body: new Uint8Array(blob) };
    }
    if (kind === "git" && second === "matching-refs") {
      const start = `refs/${rest.slice(2).join("/")}`;
      const refs = [...repo.refs].filter(([ref]) => ref.startsWith(start)).sort();
      return json(
        refs.map(([ref, sha]) => ({
          ref,
          node_id: "x",
          url: `${url.origin}/x`,
          object: repo.annotated.has(ref)
            ? { sha: sha.replace(/^.{8}/, "00000000"), type: "tag", url: "x" }
            : { sha, type: "commit", url: "x" },
        })),
      );
    }
    return unknown(url.pathname);
  }

  const describe = (repo: Repo, origin: string) => ({
    id: repo.id,
    name: repo.fullName.split("/")[1],
    full_name: repo.fullName,
    private: repo.private ?? false,
    description: repo.description ?? null,
    archived: repo.archived ?? false,
    default_branch: "main",
    html_url: `https://github.com/${repo.fullName}`,
    url: `${origin}/repos/${repo.fullName}`,
    size: 1,
  });

  // As git rev-parse looks a name up, https://git-scm.com/docs/gitrevisions.
  function resolve(repo: Repo, ref: string): Commit | undefined {
    const { commits } = repo.objects;
    if (commits.has(ref)) return commits.get(ref);
    const named =
      ref === "HEAD"
        ? "refs/heads/main"
        : [ref, `refs/${ref}`, `refs/tags/${ref}`, `refs/heads/${ref}`].find((one) => repo.refs.has(one));
    if (named) return commits.get(repo.refs.get(named) ?? "");
    const short = /^[\da-f]{4,39}$/i.test(ref)
      ? [...commits.keys()].filter((sha) => sha.startsWith(ref.toLowerCase()))
      : [];
    return short.length === 1 ? commits.get(short[0] ?? "") : undefined;
  }

  function answerCommit(repo: Repo, ref: string): Answer {
    const commit = resolve(repo, ref);
    if (!commit) return refuse(422, `No commit found for SHA: ${ref}`);
    return {
      status: 200,
      type: "application/vnd.github.sha; charset=utf-8",
      body: commit.sha,
      etag: `"${commit.sha}"`,
    };
  }

  function answerComparison(repo: Repo, basehead: string): Answer {
    const [base, head] = basehead.split("...").map((ref) => resolve(repo, ref)?.sha);
    if (!base || !head) return refuse(404, "Not Found");
    const ahead = isAncestor(repo.objects, base, head);
    const behind = isAncestor(repo.objects, head, base);
    return json({
      status: ahead && behind ? "identical" : ahead ? "ahead" : behind ? "behind" : "diverged",
      commits: [],
    });
  }

  function answerTree(repo: Repo, ref: string, recursive: boolean, url: URL): Answer {
    const sha = resolve(repo, ref)?.tree ?? ref;
    if (!repo.objects.trees.has(sha)) return refuse(404, "Not Found");
    const all = listTree(repo.objects, sha, recursive);
    const most = recursive ? (repo.treeLimit ?? 100_000) : 100_000;
    const tree = all
      .slice(0, most)
      .map((entry) => ({ ...entry, url: `${url.origin}/repos/${repo.fullName}/git/${entry.type}s/${entry.sha}` }));
    return json({ sha, url: url.href, tree, truncated: all.length > most });
  }

  function add(fullName: string, seed: Seed): void {
    const objects = noObjects();
    const repo: Repo = { ...seed, id: 1000 + known.size, fullName, objects, refs: new Map(), annotated: new Set() };
    known.set(fullName.toLowerCase(), repo);
    if (!seed.files) return;
    const main = addCommit(objects, seed.files);
    repo.refs.set("refs/heads/main", main.sha);
    const more = (prefix: string, all: Record<string, Files> = {}) => {
      for (const [name, files] of Object.entries(all)) {
        repo.refs.set(`${prefix}${name}`, addCommit(objects, files, [main.sha]).sha);
      }
    };
    more("refs/heads/", seed.branches);
    more("refs/tags/", seed.tags);
    for (const [number, files] of Object.entries(seed.pulls ?? {})) more("refs/pull/", { [`${number}/head`]: files });
  }
  for (const [name, seed] of Object.entries(repos)) add(name, seed);

  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const must = (name: string): Repo => {
    const repo = find(name);
    if (!repo) throw new Error(`no repository ${name} in the fake`);
    return repo;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every request, oldest first. */
    asked,
    /** How many requests counted against the limit of that token, or of those without one. */
    used: (who = "anonymous") => used.get(who) ?? 0,
    setUsed: (count: number, who = "anonymous") => void used.set(who, count),
    add,
    remove: (name: string) => void known.delete(name.toLowerCase()),
    change: (name: string, seed: Omit<Seed, "files" | "branches" | "tags" | "pulls">) =>
      void Object.assign(must(name), seed),
    /** The commit a ref is at. */
    commit(name: string, ref = "HEAD"): string {
      const commit = resolve(must(name), ref);
      if (!commit) throw new Error(`no ${ref} in ${name}`);
      return commit.sha;
    },
    /** A new commit on a branch. */
    push(name: string, files: Files, branch = "main"): string {
      const { objects, refs } = must(name);
      const { sha } = addCommit(objects, files, [refs.get(`refs/heads/${branch}`) ?? []].flat());
      refs.set(`refs/heads/${branch}`, sha);
      return sha;
    },
    /** Makes a tag one with a message, an object of its own. */
    annotate: (name: string, tag: string) => void must(name).annotated.add(`refs/tags/${tag}`),
    rename(from: string, to: string): void {
      const repo = must(from);
      known.delete(from.toLowerCase());
      known.set(to.toLowerCase(), Object.assign(repo, { fullName: to }));
      renamed.set(from.toLowerCase(), to);
    },
    /** Asked before every answer: what it gives is sent instead; nothing sets it right again. */
    misbehave(how?: typeof misbehave) {
      misbehave = how;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** What GitHub says when it is asked too often in too short a time. */
export const secondaryLimit = (status: 403 | 429, headers: Record<string, string> = { "retry-after": "60" }) =>
  Response.json(
    {
      message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
      documentation_url: `${DOCS}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits`,
    },
    { status, headers: { "x-ratelimit-remaining": "4000", ...headers } },
  );
