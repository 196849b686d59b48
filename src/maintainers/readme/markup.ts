import type { Format } from "./snippets.ts";

/** What a README is written in; `text` shows no images. */
export type ReadmeKind = Exclude<Format, "html"> | "text";

const kinds: [RegExp, ReadmeKind][] = [
  [/\.(?:md|markdown|mdown|mkdn?|mdwn)$/i, "markdown"],
  [/\.(?:rst|rest)$/i, "rst"],
  [/\.(?:adoc|asciidoc|asc)$/i, "asciidoc"],
  [/(?:^|\/)[^./]+$|\.txt$/i, "text"],
];

/** What a README is written in, by its name; null where we do not know how to put a badge into it. */
export const kindOf = (file: string): ReadmeKind | null => kinds.find(([name]) => name.test(file))?.[1] ?? null;

/** A file's lines, each with its end. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** How the lines of a file end. */
export const endOf = (text: string) => /\r?\n/.exec(text)?.[0] ?? "\n";

/** What JavaScript takes for the end of a line, and READMEs do not: each would be a place to look for whole lines from. */
const stray = /\r(?!\n)|[\u2028\u2029]/g;

const blank = (text: string) => text.replace(/[^\r\n]/g, " ");

const matter = /^---[ \t]*\r?\n[\s\S]*?\n---[ \t]*(?:\r?\n|$)/;

/** How long the front matter is that a Markdown file begins with. */
export const frontMatter = (text: string, kind: ReadmeKind) =>
  kind === "markdown" ? (matter.exec(text)?.[0].length ?? 0) : 0;

const hidden: Record<ReadmeKind, RegExp[]> = {
  markdown: [
    matter,
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

/** The same text, as long as before, with spaces for what its reader does not see as text: code, comments, front matter. */
export const visible = (text: string, kind: ReadmeKind): string =>
  hidden[kind].reduce((all, pattern) => all.replace(pattern, blank), text.replace(stray, " "));
