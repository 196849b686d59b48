import { imagesIn, isBadge, isHeroku, type ReadmeImage } from "./images.ts";
import { endOf, frontMatter, type ReadmeKind, visible } from "./markup.ts";
import type { Format } from "./snippets.ts";

export interface InsertOptions {
  kind: ReadmeKind;
  /** Returns the badge as a snippet. `text` is its plain-text form for a README without images. */
  write: (format: Format) => string;
  text: string;
  /** Whether an image URL is this badge, in any style. */
  isOurs: (url: string) => boolean;
  /** Whether to replace Heroku's button. */
  replaceHeroku: boolean;
}

export interface InsertResult {
  text: string;
  /** `same`: already present. `by-hand`: present in a form that cannot be edited safely. */
  where: "replaced" | "heroku" | "beside" | "heading" | "top" | "same" | "by-hand";
  /** Whether Heroku's button is present and stays. */
  heroku: boolean;
}

/** Inserts the badge into a README: where it was, else beside the other badges at the top, else under the heading. */
export function insertBadge(readme: string, options: InsertOptions): InsertResult {
  // A byte order mark stays first.
  if (!readme.startsWith("\ufeff")) return insertInto(readme, options);
  const result = insertInto(readme.slice(1), options);
  return { ...result, text: `\ufeff${result.text}` };
}

function insertInto(readme: string, { kind, write, text, isOurs, replaceHeroku }: InsertOptions): InsertResult {
  const end = endOf(readme);
  const visibleText = visible(readme, kind);
  const images = imagesIn(visibleText, kind);
  const heroku = images.find(isHeroku);
  const snippet = (format: Format, indent = "") => write(format).replaceAll("\n", `${end}${indent}`);
  const splice = (start: number, end: number, replacement: string) =>
    readme.slice(0, start) + replacement + readme.slice(end);

  const ours = images.filter(({ urls }) => urls.some(isOurs));
  const [first] = ours;
  if (first) {
    const run = adjacent(readme, ours);
    const sliceEnd = run.at(-1)?.end ?? first.end;
    const existing = readme.slice(first.start, sliceEnd);
    if (first.as === "rst" && existing.startsWith(".. |")) return { text: readme, where: "by-hand", heroku: !!heroku };
    const updated = splice(first.start, sliceEnd, snippet(first.as, indentAt(readme, first.start)));
    return { text: updated, where: updated === readme ? "same" : "replaced", heroku: !!heroku };
  }
  if (kind === "text") {
    if (readme.includes(text)) return { text: readme, where: "same", heroku: false };
    return { text: insertParagraph(readme, firstBlock(readme), text), where: "top", heroku: false };
  }
  if (heroku && replaceHeroku && (kind !== "rst" || !readme.startsWith(".. |", heroku.start))) {
    const replacement = snippet(heroku.as, indentAt(readme, heroku.start));
    return { text: splice(heroku.start, heroku.end, replacement), where: "heroku", heroku: false };
  }

  const { heading, isThere, end: topEnd } = topOf(visibleText, kind, frontMatter(readme, kind));
  const badgeRow = adjacent(
    readme,
    images.filter((image) => isBadge(image) && image.start < topEnd),
  );
  const last = badgeRow.at(-1);
  if (last && (kind !== "rst" || !readme.startsWith(".. |", last.start))) {
    const lineRemainder = /^[^\r\n]*/.exec(readme.slice(last.end))?.[0] ?? "";
    const isLastOnLine = /^(?:\s|\\|<br\s*\/?>)*$/i.test(lineRemainder);
    const indent = indentAt(readme, last.start);
    const gap = kind === "rst" ? end + end : isLastOnLine ? end + indent : " ";
    return { text: splice(last.end, last.end, gap + snippet(last.as, indent)), where: "beside", heroku: !!heroku };
  }
  return {
    text: insertParagraph(readme, heading, snippet(kind)),
    where: isThere ? "heading" : "top",
    heroku: !!heroku,
  };
}

/** Returns the first image and those that follow it with only white space between. */
function adjacent(readme: string, images: ReadmeImage[]): ReadmeImage[] {
  const sliceEnd = images.findIndex((image, index) => {
    const before = images[index - 1];
    return before !== undefined && readme.slice(before.end, image.start).trim() !== "";
  });
  return sliceEnd < 0 ? images : images.slice(0, sliceEnd);
}

const indentAt = (readme: string, index: number) => /[ \t]*$/.exec(lineBefore(readme, index))?.[0] ?? "";
const lineBefore = (readme: string, index: number) => {
  const line = readme.slice(readme.lastIndexOf("\n", index - 1) + 1, index);
  return /^[ \t]*$/.test(line) ? line : "";
};

const headings: Record<ReadmeKind, RegExp> = {
  markdown:
    /^ {0,3}#{1,6}[ \t]+\S[^\n]*(?:\n|$)|^(?![ \t]*(?:[-*+>|<]|\d+\.))(?=[^\n]*\S)[^\n]*\n {0,3}(?:=+|-{2,})[ \t]*\r?(?:\n|$)|<h1\b[\s\S]{0,2000}?<\/h1>[^\n]*(?:\n|$)/m,
  rst: /^(?:([=\-`:.'"~^_*+#])\1{2,}[ \t]*\r?\n)?(?=[^\n]*\w)[^\n]*\n([=\-`:.'"~^_*+#])\2{2,}[ \t]*\r?(?:\n|$)/m,
  asciidoc: /^[=#] +\S[^\n]*(?:\n(?=[^\n]*\S)[^\n]*)*(?:\n|$)/m,
  text: /^(?!)/,
};

/** Returns where the text after the first heading starts, and where the README's top ends (the second heading). */
function topOf(
  visibleText: string,
  kind: ReadmeKind,
  start: number,
): { heading: number; isThere: boolean; end: number } {
  const afterHeading = (text: string) => {
    const match = headings[kind].exec(text);
    return match ? match.index + match[0].length : null;
  };
  const first = afterHeading(visibleText);
  const heading = first ?? start;
  const second = first === null ? null : afterHeading(visibleText.slice(first));
  return { heading, isThere: first !== null, end: second === null ? visibleText.length : heading + second };
}

/** Returns the end of a text file's first paragraph. */
const firstBlock = (readme: string) => /^\s*(?:(?=[^\n]*\S)[^\n]*(?:\n|$))*/.exec(readme)?.[0].length ?? 0;

/** Inserts a paragraph at a line start or at the end of the file. */
function insertParagraph(readme: string, index: number, snippet: string): string {
  const end = endOf(readme);
  const [before, after] = [readme.slice(0, index), readme.slice(index)];
  const separatorBefore =
    before.trim() === "" || /\n\r?\n$/.test(before) ? "" : before.endsWith("\n") ? end : end + end;
  const separatorAfter = after.trim() === "" || /^\r?\n/.test(after) ? end : end + end;
  return `${before}${separatorBefore}${snippet}${separatorAfter}${after}`;
}
