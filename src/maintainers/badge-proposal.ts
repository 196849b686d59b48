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
  /** In Markdown: written as HTML. */
  asHtml: boolean;
  replaceHeroku: boolean;
  /** The app.json to add; null: none. */
  manifest: string | null;
}

/** A change of a repository that adds the badge, to be looked at before it is made. */
export interface Proposal {
  /** The README; `README.md` where there is none yet. */
  file: string;
  /** null: we do not know how to write into such a file. */
  kind: ReadmeKind | null;
  where: InsertResult["where"] | "new";
  heroku: boolean;
  /** Empty: there is nothing to change. */
  change: Change["files"];
  diffs: { file: string; lines: DiffLine[] }[];
  /** Stands for all of it: another one means that something else would be done. */
  seal: string;
}

interface Given {
  current: Pick<DefaultBranchHead, "readme" | "repo">;
  origin: string;
  address: Address;
  badges: PlacedBadge[];
  wish: ProposalRequest;
}

/** What would be changed to add these badges, and how that looks. Pure. */
export function createProposal({ current, origin, address, badges, wish }: Given): Proposal {
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
  const wanted: [file: string, before: string | null, after: string][] = [
    [file, before, placed.text],
    ...(wish.manifest === null ? [] : [[manifest, null, wish.manifest] as [string, null, string]]),
  ];
  const changed = wanted.filter(([, before, after]) => before !== after);
  const change = new Map(changed.map(([file, , after]) => [file, after]));
  const seal = createHash("sha256")
    .update(JSON.stringify([before, ...change]))
    .digest("base64url");
  return {
    file,
    kind,
    where: placed.where,
    heroku: placed.heroku,
    change,
    diffs: changed.map(([file, before, after]) => ({ file, lines: diff(file, before, after) })),
    seal,
  };
}

/** Whether an address is that of this app's badge, in any style. */
export function isBadgeOf(url: string, origin: string, address: Address): boolean {
  const parsed = URL.parse(url);
  if (parsed?.origin !== new URL(origin).origin) return false;
  const plain = addressPath({ ...address, ref: undefined, path: "" });
  const sameFolder = (parsed.searchParams.get("path") ?? "").replace(/^\/+|\/+$/g, "") === address.path;
  return sameFolder && decode(parsed.pathname).toLowerCase() === `${decode(plain)}/badge.svg`.toLowerCase();
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
