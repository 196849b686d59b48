import type { Address } from "./repo.ts";
import { type Note, note, ok, problems, type Result } from "./result.ts";

/** An address whose `rest` is a ref and perhaps a folder, as in `/tree/a/b/c`. Only the repository can divide them. */
export type Pasted = Address & { rest?: string };

const EXAMPLE = "Paste a GitHub repository, such as discourse/discourse or https://github.com/discourse/discourse.";
const GITHUB = new Set(["github.com", "www.github.com", "ssh.github.com", "github.dev"]);
const RAW = "raw.githubusercontent.com";

/** Parses what people paste for a repository: a name, a page or clone URL of GitHub, or one of our own URLs. */
export function parseAddress(text: string): Result<Pasted> {
  if (text.length > 8192) return problems(note("This is too long for the address of a repository.", { fix: EXAMPLE }));
  const pasted = decodeWhole(text.trim()).replace(/^(?:git clone|gh repo clone)\s+/, "");
  const [, location = "", query = "", hash = ""] =
    /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(pasted.replace(/^[<"']|[>"']$/g, "")) ?? [];
  const names = segments(location);
  if (names === null) return problems(note("This address has a broken % sequence.", { fix: EXAMPLE }));

  const isOwnUrl = location.startsWith("/") || (isHost(names[0]) && !GITHUB.has(host(names[0])) && isKnown(names[1]));
  if (isOwnUrl && isHost(names[0]) && !isKnown(names[0])) names.shift();
  const [first = ""] = names;
  if (first === "local" && names.length > 2) {
    return checkAddress("local", names[1] ?? "", names[2] ?? "", undefined, isOwnUrl ? queryParam(query, "path") : "");
  }
  if (isHost(first)) {
    if (!isKnown(first) && host(first) !== RAW) {
      return problems(note("Only repositories on github.com can be deployed so far.", { path: "host", fix: EXAMPLE }));
    }
    names.shift();
  }

  const [owner = "", named = "", ...tail] = names;
  const repo = named.replace(/\.git$/, "");
  if (owner === "" || repo === "") return problems(note("This names no repository.", { fix: EXAMPLE }));
  const page = host(first) === RAW ? { rest: tail } : readPage(tail);
  if ("rest" in page) return withRest(owner, repo, page.rest);
  const committish =
    /^(?:git\+|github:)/i.test(location) && !hash.startsWith("#semver:") ? decode(hash.slice(1)) : undefined;
  if (committish === null) return problems(note("This address has a broken % sequence.", { fix: EXAMPLE }));
  // On GitHub's URLs `?ref=` is a referral tag.
  return checkAddress(
    "github.com",
    owner,
    repo,
    page.ref ?? (isOwnUrl ? queryParam(query, "ref") : committish),
    isOwnUrl ? queryParam(query, "path") : "",
  );
}

/** Decodes an address that was encoded as a whole, such as `https%3A%2F%2Fgithub.com%2Fo%2Fr`. */
function decodeWhole(text: string): string {
  const isEncoded = !text.includes("/") && /%2f/i.test(text);
  return isEncoded ? (decode(text) ?? text) : text;
}

/** Splits a location at slashes, decodes the parts and normalizes the host to `github.com`; null if undecodable. */
function segments(location: string): string[] | null {
  const plain = location
    .replace(/^github:/i, "github.com/")
    .replace(/^(?:git\+)?[a-z]+:\/\//i, "")
    .replace(/^[^/@\s]*@/, "")
    .replace(/^((?:ssh\.)?github\.com):(?:\d+(?=\/))?/i, "$1/");
  const names = plain.split("/").filter((name, at) => name !== "" && !(at < 3 && /^https?:$/i.test(name)));
  const decoded = names.map(decode);
  return decoded.includes(null) ? null : (decoded as string[]);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const host = (name = "") => name.toLowerCase();
/** GitHub account names contain neither dots nor colons. */
const isHost = (name = "") => /[.:]/.test(name) || host(name) === "localhost";
const isKnown = (name = "") => GITHUB.has(host(name)) || name === "local";
const queryParam = (query: string, key: string) => new URLSearchParams(query).get(key) ?? undefined;

/** Reads the ref from the part after the repository's name: none, exactly one, or one followed by a path. */
function readPage([kind = "", ...tail]: string[]): { ref?: string } | { rest: string[] } {
  if (["tree", "blob", "raw", "edit", "blame", "commits"].includes(kind) && tail.length > 0) return { rest: tail };
  if (kind === "commit") return { ref: tail[0] };
  if (kind === "archive") return { ref: withoutPrefix(tail.join("/")).replace(/\.(?:zip|tar\.gz)$/, "") };
  if (kind !== "releases") return {};
  if (tail[0] === "latest") return { ref: "latest-release" };
  if (tail[0] === "tag") return { ref: tail.slice(1).join("/") };
  return tail[0] === "download" ? { ref: tail.slice(1, -1).join("/") } : {};
}

const withoutPrefix = (ref: string) => ref.replace(/^refs\/(?:heads|tags)\//, "");

function withRest(owner: string, repo: string, parts: string[]): Result<Pasted> {
  const rest = withoutPrefix(parts.join("/"));
  const [first = "", ...path] = rest.split("/");
  if (path.length === 0 || /^[\da-f]{40}$/i.test(first)) {
    return checkAddress("github.com", owner, repo, first, path.join("/"));
  }
  const address = checkAddress("github.com", owner, repo, undefined, rest);
  return address.ok ? ok({ ...address.value, path: "", rest: address.value.path }) : address;
}

/** Validates the parts of an address. An empty ref counts as none; slashes around the path are removed. */
export function checkAddress(host: string, owner: string, repo: string, ref?: string, path = ""): Result<Address> {
  if (host !== "github.com" && host !== "local") {
    return problems(note("Only repositories on github.com can be deployed so far.", { path: "host", fix: EXAMPLE }));
  }
  const folder = withoutOuterSlashes(path);
  const checks = [checkOwner(host, owner), checkRepo(repo), checkRef(ref || "HEAD"), checkPath(folder)];
  const failures = checks.filter((problem) => problem !== null);
  return failures.length > 0 ? problems(...failures) : ok({ host, owner, repo, ...(ref ? { ref } : {}), path: folder });
}

/** Longer paths are rejected anyway, so they are not trimmed. */
function withoutOuterSlashes(path: string): string {
  if (path.length > 2048) return path;
  let [start, end] = [0, path.length];
  while (path.charAt(start) === "/") start += 1;
  while (end > start && path.charAt(end - 1) === "/") end -= 1;
  return path.slice(start, end);
}

function checkOwner(host: string, owner: string): Note | null {
  // Enterprise-managed users have underscores in their names, old accounts double dashes.
  if (host === "local" ? isRepositoryName(owner) : /^[a-z\d][\w-]{0,38}$/i.test(owner)) return null;
  return note("This is no name of a GitHub account.", {
    path: "owner",
    fix: "Letters, digits and dashes, at most 39, as in discourse/discourse.",
  });
}

function checkRepo(repo: string): Note | null {
  if (isRepositoryName(repo) && !repo.endsWith(".git")) return null;
  return note("This is no name of a repository.", {
    path: "repo",
    fix: "Letters, digits, dashes, dots and underscores, at most 100, without .git at the end.",
  });
}

/** Returns whether the name is valid. Valid names are safe as folder names. */
export const isRepositoryName = (name: string) => /^[\w.-]{1,100}$/.test(name) && name !== "." && name !== "..";

// The rules of git check-ref-format, https://git-scm.com/docs/git-check-ref-format.
function checkRef(ref: string): Note | null {
  if (ref.length > 255) return noRef();
  const broken = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|^@$|[/.]$|(?:^|\/)\.|\.lock(?:\/|$)/u.test(ref);
  return broken || !ref.isWellFormed() ? noRef() : null;
}

function noRef(): Note {
  return note("This can be no branch, tag or commit.", {
    path: "ref",
    fix: "Give a branch, a tag, a commit or latest-release, at most 255 characters, as git itself would accept it.",
  });
}

function checkPath(path: string): Note | null {
  const isTooLong = path.length > 1024;
  const parts = isTooLong ? [] : path.split("/");
  const broken = parts.some((part) => (part === "" && path !== "") || part === "." || part === "..");
  if (!isTooLong && !broken && !/[\p{Cc}\\]/u.test(path) && path.isWellFormed()) return null;
  return note("This can be no folder of a repository.", {
    path: "path",
    fix: "Give the folder from the repository's root, such as apps/web, without . or .. and at most 1024 characters.",
  });
}

/** Returns the id of a repository for statistics. */
export const repositoryId = ({ host, owner, repo }: Pick<Address, "host" | "owner" | "repo">) =>
  `${host}/${owner}/${repo}`;

/** Returns the storage key of a repository. GitHub names are case-insensitive. */
export const repositoryKey = (repo: string) => (repo.startsWith("local/") ? repo : repo.toLowerCase());

/** Returns the path of an address on our origin: `/github.com/discourse/discourse?ref=v1&path=apps/web`. */
export function addressPath(address: Address): string {
  const query = [
    ...(address.ref ? [`ref=${encodePath(address.ref)}`] : []),
    ...(address.path ? [`path=${encodePath(address.path)}`] : []),
  ];
  return `/${[address.host, address.owner, address.repo].map(encodePath).join("/")}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** Encodes a path but keeps its slashes. Escapes brackets and quotes as well, which delimit it in Markdown. */
export const encodePath = (text: string) =>
  encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
