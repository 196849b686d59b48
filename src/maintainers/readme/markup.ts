import type { Format } from "./snippets.ts";

/** A README's markup language; `text` has no images. */
export type ReadmeKind = Exclude<Format, "html"> | "text";

const kinds: [RegExp, ReadmeKind][] = [
  [/\.(?:md|markdown|mdown|mkdn?|mdwn)$/i, "markdown"],
  [/\.(?:rst|rest)$/i, "rst"],
  [/\.(?:adoc|asciidoc|asc)$/i, "asciidoc"],
  [/(?:^|\/)[^./]+$|\.txt$/i, "text"],
];

/** Returns the markup language by file name; null if unsupported. */
export const kindOf = (file: string): ReadmeKind | null => kinds.find(([name]) => name.test(file))?.[1] ?? null;

/** Splits a file into lines, each with its line ending. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Returns a file's line ending. */
export const endOf = (text: string) => /\r?\n/.exec(text)?.[0] ?? "\n";

/** Line ends in JavaScript but not in READMEs: `^` and `$` of the patterns below would match at them. */
const lineSeparators = /\r(?!\n)|[\u2028\u2029]/g;

const blank = (text: string) => text.replace(/[^\r\n]/g, " ");

const frontMatterPattern = /^---[ \t]*\r?\n[\s\S]*?\n---[ \t]*(?:\r?\n|$)/;

/** Returns the length of a Markdown file's front matter. */
export const frontMatter = (text: string, kind: ReadmeKind) =>
  kind === "markdown" ? (frontMatterPattern.exec(text)?.[0].length ?? 0) : 0;

const hidden: Record<ReadmeKind, RegExp[]> = {
  markdown: [
    frontMatterPattern,
    /^ {0,3}(?=(`{3,}|~{3,}))\1[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*\r?$|$(?![\s\S]))/gm,
    /<!--[\s\S]*?(?:-->|$(?![\s\S]))/g,
  ],
  rst: [
    /^\.\.(?![ \t]*(?:\||image::|figure::|_))[ \t][^\n]*\n(?:[ \t][^\n]*\n|\r?\n)*/gm,
    /::[ \t]*\r?\n[ \t]*\r?\n(?:(?:[ \t]+[^\n]*|[ \t]*)(?:\r?\n|$))+/g,
  ],
  asciidoc: [/^(-{4,}|\.{4,}|\/{4,}|\+{4,})[ \t]*\r?\n[\s\S]*?(?:^\1[ \t]*\r?$|$(?![\s\S]))/gm, /^\/\/[^\n]*/gm],
  text: [],
};

/** Replaces code, comments and front matter by spaces; offsets stay the same. */
export const visible = (text: string, kind: ReadmeKind): string =>
  hidden[kind].reduce((masked, pattern) => masked.replace(pattern, blank), text.replace(lineSeparators, " "));
