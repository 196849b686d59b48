import type { ReadmeKind } from "./markup.ts";
import type { Format } from "./snippets.ts";

/** An image in a README, with the link around it. */
export interface ReadmeImage {
  start: number;
  end: number;
  /** Its syntax; Markdown may contain HTML. */
  as: Format;
  /** Every URL in it. */
  urls: string[];
}

// Quantifiers are bounded, so that a README full of open brackets does not backtrack.
const label = String.raw`\[(?:\\[^\n]|[^\]\\\n]){0,300}\]`;
const target = String.raw`\((?:\\.|[^()\\\n]|\([^()\n]{0,500}\)){0,1000}\)`;
const image = `!${label}(?:${target}|\\[[^\\]\\n]{0,200}\\])?`;
const tag = (name: string) => `<${name}\\b(?:[^>\\n]|\\n(?![ \\t\\r]*\\n)){0,1000}>`;
const patterns: Record<ReadmeKind, [Format, RegExp][]> = {
  markdown: [
    [
      "html",
      new RegExp(
        `${tag("a")}\\s{0,200}(?:${tag("picture")}(?:[^\\n]|\\n(?![ \\t\\r]*\\n)){0,2000}?</picture>|${tag("img")})\\s{0,200}</a>|${tag("img")}`,
        "gi",
      ),
    ],
    ["markdown", new RegExp(`\\[\\s{0,20}${image}\\s{0,20}\\](?:${target}|\\[[^\\]\\n]{0,200}\\])|${image}`, "g")],
  ],
  rst: [["rst", /^\.\. (?:\|[^|\n]+\| )?image::[^\n]*(?:\n[ \t]+[^\n]*)*/gm]],
  asciidoc: [["asciidoc", /image::?[^\s[\]]{1,1000}\[(?:\\\]|"[^"\n]{0,300}"|[^\]"\n]){0,1000}\]/g]],
  text: [],
};

const address = /https?:\/\/[^\s"'<>()[\]|]+/g;

/** Returns every image of a text from `visible`, in order. */
export function imagesIn(text: string, kind: ReadmeKind): ReadmeImage[] {
  const references = kind === "markdown" ? definitions(text) : new Map<string, string>();
  const matches = patterns[kind].flatMap(([as, pattern]) =>
    [...text.matchAll(pattern)].map(({ 0: matched, index }): ReadmeImage => {
      const markup = matched.trimEnd();
      const referenced = [...markup.matchAll(/\[([^[\]]+)\]/g)].flatMap(([, name]) => references.get(key(name)) ?? []);
      const urls = [...(markup.match(address) ?? []).map((url) => url.replaceAll("&amp;", "&")), ...referenced];
      return { start: index, end: index + markup.length, as, urls };
    }),
  );
  let end = 0;
  return matches
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((match) => {
      // Skip images nested in another match.
      if (match.start < end) return false;
      end = match.end;
      return true;
    });
}

const key = (name = "") => name.trim().toLowerCase().replace(/\s+/g, " ");

/** Returns the link reference definitions (`[name]: https://...`). */
const definitions = (text: string) =>
  new Map(
    [...text.matchAll(/^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*<?([^\s>]+)/gm)].map(([, name, url]) => [
      key(name),
      url ?? "",
    ]),
  );

const badge = /badge|shields\.io|badgen|travis-ci|circleci|codecov|coveralls|deploy|button|\.svg(?:[?#]|$)/i;
const picture = /logo|banner|hero(?!ku)|screenshot|\.(?:gif|jpe?g|mp4)(?:[?#]|$)/i;

/** Whether the image looks like a badge rather than a logo or screenshot. */
export const isBadge = ({ urls }: ReadmeImage) => urls.some((url) => badge.test(url) && !picture.test(url));

/** Whether the image is Heroku's deploy button. */
export const isHeroku = ({ urls }: ReadmeImage) =>
  urls.some((url) => /^https?:\/\/(?:[\w-]+\.)?(?:herokucdn\.com\/deploy\/button|heroku\.com\/deploy)/i.test(url));
