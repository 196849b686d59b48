import { createHash } from "node:crypto";
import { addressPath } from "../address.ts";
import type { Address } from "../repo.ts";
import type { DefaultBranchHead } from "../repositories/github/default-branch.ts";
import type { Change } from "../repositories/github/pull-request.ts";
import type { PlacedBadge } from "./readme/badge.ts";
import { type DiffLine, diff } from "./readme/diff.ts";
import { type InsertResult, insertBadge } from "./readme/insert-badge.ts";
import { kindOf, type ReadmeKind } from "./readme/markup.ts";
import { type Format, snippetOf } from "./readme/snippets.ts";

export interface ProposalRequest {
  /** Whether a Markdown README gets the HTML snippet. */
  asHtml: boolean;
  replaceHeroku: boolean;
  /** The app.json to add; null if none. */
  manifest: string | null;
}

/** A change that adds the badge to a repository, for review before it is committed. */
export interface Proposal {
  /** The README; `README.md` if the repository has none. */
  file: string;
  /** null if the format is unknown. */
  kind: ReadmeKind | null;
  where: InsertResult["where"] | "new";
  heroku: boolean;
  /** Empty if nothing changes. */
  change: Change["files"];
  diffs: { file: string; lines: DiffLine[] }[];
  /** Hash of the proposal: a different one means a different change. */
  seal: string;
}

interface ProposalInput {
  current: Pick<DefaultBranchHead, "readme" | "repo">;
  origin: string;
  address: Address;
  badges: PlacedBadge[];
  wish: ProposalRequest;
}

/** Computes the change that adds these badges, and its diff. Pure. */
export function createProposal({ current, origin, address, badges, wish }: ProposalInput): Proposal {
  const file = current.readme?.file ?? "README.md";
  const before = current.readme?.text ?? null;
  const kind = kindOf(file);
  const write = (format: Format) => snippetOf(format === "markdown" && wish.asHtml ? "html" : format, badges);
  const placed: Omit<InsertResult, "where"> & Pick<Proposal, "where"> =
    before === null
      ? { text: `# ${current.repo}\n\n${write("markdown")}\n`, where: "new", heroku: false }
      : kind === null
        ? { text: before, where: "by-hand", heroku: false }
        : insertBadge(before, {
            kind,
            write,
            text: badges.map(({ alt, page }) => `${alt}: ${page}`).join("\n"),
            isOurs: (url) => isBadgeOf(url, origin, address),
            replaceHeroku: wish.replaceHeroku,
          });
  const manifest = address.path ? `${address.path}/app.json` : "app.json";
  const files: [file: string, before: string | null, after: string][] = [
    [file, before, placed.text],
    ...(wish.manifest === null ? [] : [[manifest, null, wish.manifest] as [string, null, string]]),
  ];
  const changedFiles = files.filter(([, before, after]) => before !== after);
  const change = new Map(changedFiles.map(([file, , after]) => [file, after]));
  const seal = createHash("sha256")
    .update(JSON.stringify([before, ...change]))
    .digest("base64url");
  return {
    file,
    kind,
    where: placed.where,
    heroku: placed.heroku,
    change,
    diffs: changedFiles.map(([file, before, after]) => ({ file, lines: diff(file, before, after) })),
    seal,
  };
}

/** Whether the URL is this app's badge, in any style. */
export function isBadgeOf(url: string, origin: string, address: Address): boolean {
  const parsed = URL.parse(url);
  if (parsed?.origin !== new URL(origin).origin) return false;
  const plain = addressPath({ ...address, ref: undefined, path: "" });
  const sameFolder = (parsed.searchParams.get("path") ?? "").replace(/^\/+|\/+$/g, "") === address.path;
  return sameFolder && decodePath(parsed.pathname).toLowerCase() === `${decodePath(plain)}/badge.svg`.toLowerCase();
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
