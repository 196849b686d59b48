import { imagesIn, isBadge, isHeroku, type ReadmeImage } from "./images.ts";
import { endOf, frontMatter, type ReadmeKind, visible } from "./markup.ts";
import type { Format } from "./snippets.ts";

export interface InsertOptions {
  kind: ReadmeKind;
  /** The badge, written in a format; a README that shows no images gets it as a line of text. */
  write: (format: Format) => string;
  text: string;
  /** Whether an image's address is this badge's, whatever it looks like. */
  isOurs: (url: string) => boolean;
  /** Whether Heroku's button makes room for ours. */
  replaceHeroku: boolean;
}

export interface InsertResult {
  text: string;
  /** `same`: it is there already. `by-hand`: it is there in a way that we do not touch. */
  where: "replaced" | "heroku" | "beside" | "heading" | "top" | "same" | "by-hand";
  /** Whether Heroku's button is there and stays. */
  heroku: boolean;
}

/** Puts the badge into a README: where it was, else beside the other badges at its top, else under its heading. */
export function insertBadge(readme: string, placing: InsertOptions): InsertResult {
  // A byte order mark stays in front of everything.
  if (!readme.startsWith("\ufeff")) return put(readme, placing);
  const placed = put(readme.slice(1), placing);
  return { ...placed, text: `\ufeff${placed.text}` };
}

function put(readme: string, { kind, write, text, isOurs, replaceHeroku }: InsertOptions): InsertResult {
  const end = endOf(readme);
  const seen = visible(readme, kind);
  const images = imagesIn(seen, kind);
  const heroku = images.find(isHeroku);
  const written = (format: Format, indent = "") => write(format).replaceAll("\n", `${end}${indent}`);
  const splice = (start: number, stop: number, by: string) => readme.slice(0, start) + by + readme.slice(stop);

  const ours = images.filter(({ urls }) => urls.some(isOurs));
  const [first] = ours;
  if (first) {
    const run = together(readme, ours);
    const stop = run.at(-1)?.end ?? first.end;
    const old = readme.slice(first.start, stop);
    if (first.as === "rst" && old.startsWith(".. |")) return { text: readme, where: "by-hand", heroku: !!heroku };
    const changed = splice(first.start, stop, written(first.as, indentAt(readme, first.start)));
    return { text: changed, where: changed === readme ? "same" : "replaced", heroku: !!heroku };
  }
  if (kind === "text") {
    if (readme.includes(text)) return { text: readme, where: "same", heroku: false };
    return { text: under(readme, firstBlock(readme), text), where: "top", heroku: false };
  }
  if (heroku && replaceHeroku && (kind !== "rst" || !readme.startsWith(".. |", heroku.start))) {
    const by = written(heroku.as, indentAt(readme, heroku.start));
    return { text: splice(heroku.start, heroku.end, by), where: "heroku", heroku: false };
  }

  const { heading, isThere, end: top } = topOf(seen, kind, frontMatter(readme, kind));
  const row = together(
    readme,
    images.filter((one) => isBadge(one) && one.start < top),
  );
  const last = row.at(-1);
  if (last && (kind !== "rst" || !readme.startsWith(".. |", last.start))) {
    const rest = /^[^\r\n]*/.exec(readme.slice(last.end))?.[0] ?? "";
    const alone = /^(?:\s|\\|<br\s*\/?>)*$/i.test(rest);
    const indent = indentAt(readme, last.start);
    const gap = kind === "rst" ? end + end : alone ? end + indent : " ";
    return { text: splice(last.end, last.end, gap + written(last.as, indent)), where: "beside", heroku: !!heroku };
  }
  return { text: under(readme, heading, written(kind)), where: isThere ? "heading" : "top", heroku: !!heroku };
}

/** The first of them and those that follow with nothing but space between. */
function together(readme: string, images: ReadmeImage[]): ReadmeImage[] {
  const stop = images.findIndex((one, index) => {
    const before = images[index - 1];
    return before !== undefined && readme.slice(before.end, one.start).trim() !== "";
  });
  return stop < 0 ? images : images.slice(0, stop);
}

const indentAt = (readme: string, at: number) => /[ \t]*$/.exec(lineBefore(readme, at))?.[0] ?? "";
const lineBefore = (readme: string, at: number) => {
  const line = readme.slice(readme.lastIndexOf("\n", at - 1) + 1, at);
  return /^[ \t]*$/.test(line) ? line : "";
};

const headings: Record<ReadmeKind, RegExp> = {
  markdown:
    /^ {0,3}#{1,6}[ \t]+\S[^\n]*(?:\n|$)|^(?![ \t]*(?:[-*+>|<]|\d+\.))(?=[^\n]*\S)[^\n]*\n {0,3}(?:=+|-{2,})[ \t]*\r?(?:\n|$)|<h1\b[\s\S]{0,2000}?<\/h1>[^\n]*(?:\n|$)/m,
  rst: /^(?:([=\-`:.'"~^_*+#])\1{2,}[ \t]*\r?\n)?(?=[^\n]*\w)[^\n]*\n([=\-`:.'"~^_*+#])\2{2,}[ \t]*\r?(?:\n|$)/m,
  asciidoc: /^[=#] +\S[^\n]*(?:\n(?=[^\n]*\S)[^\n]*)*(?:\n|$)/m,
  text: /^(?!)/,
};

/** Where the part under the first heading begins, and where a README's top ends: at its second heading. */
function topOf(seen: string, kind: ReadmeKind, start: number): { heading: number; isThere: boolean; end: number } {
  const afterHeading = (text: string) => {
    const found = headings[kind].exec(text);
    return found ? found.index + found[0].length : null;
  };
  const first = afterHeading(seen);
  const heading = first ?? start;
  const second = first === null ? null : afterHeading(seen.slice(first));
  return { heading, isThere: first !== null, end: second === null ? seen.length : heading + second };
}

/** Where a text file's first block of lines ends. */
const firstBlock = (readme: string) => /^\s*(?:(?=[^\n]*\S)[^\n]*(?:\n|$))*/.exec(readme)?.[0].length ?? 0;

/** A paragraph of its own at this place, which is at the start of a line or at the end of the file. */
function under(readme: string, at: number, snippet: string): string {
  const end = endOf(readme);
  const [before, after] = [readme.slice(0, at), readme.slice(at)];
  const open = before.trim() === "" || /\n\r?\n$/.test(before) ? "" : before.endsWith("\n") ? end : end + end;
  const close = after.trim() === "" || /^\r?\n/.test(after) ? end : end + end;
  return `${before}${open}${snippet}${close}${after}`;
}
