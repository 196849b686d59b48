import type { ReadmeKind } from "./markup.ts";
import type { Format } from "./snippets.ts";

/** An image in a README, with the link around it. */
export interface ReadmeImage {
  start: number;
  end: number;
  /** How it is written there: HTML may stand in Markdown. */
  as: Format;
  /** Every address in it. */
  urls: string[];
}

// Bounded, so that a README full of open brackets is read as fast as any other.
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

/** Every image in a text from `visible`, in its order. */
export function imagesIn(text: string, kind: ReadmeKind): ReadmeImage[] {
  const named = kind === "markdown" ? definitions(text) : new Map<string, string>();
  const found = patterns[kind].flatMap(([as, pattern]) =>
    [...text.matchAll(pattern)].map(({ 0: whole, index }): ReadmeImage => {
      const written = whole.trimEnd();
      const references = [...written.matchAll(/\[([^[\]]+)\]/g)].flatMap(([, name]) => named.get(key(name)) ?? []);
      const urls = [...(written.match(address) ?? []).map((url) => url.replaceAll("&amp;", "&")), ...references];
      return { start: index, end: index + written.length, as, urls };
    }),
  );
  let end = 0;
  return found
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((one) => {
      // What is inside another one is a part of it.
      if (one.start < end) return false;
      end = one.end;
      return true;
    });
}

const key = (name = "") => name.trim().toLowerCase().replace(/\s+/g, " ");

/** What `[name]: https://...` stands for. */
const definitions = (text: string) =>
  new Map(
    [...text.matchAll(/^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*<?([^\s>]+)/gm)].map(([, name, url]) => [
      key(name),
      url ?? "",
    ]),
  );

const badge = /badge|shields\.io|badgen|travis-ci|circleci|codecov|coveralls|deploy|button|\.svg(?:[?#]|$)/i;
const picture = /logo|banner|hero(?!ku)|screenshot|\.(?:gif|jpe?g|mp4)(?:[?#]|$)/i;

/** Whether it looks like one of the small images at the top of a README, not like a logo or a picture. */
export const isBadge = ({ urls }: ReadmeImage) => urls.some((url) => badge.test(url) && !picture.test(url));

/** Whether it is Heroku's button. */
export const isHeroku = ({ urls }: ReadmeImage) =>
  urls.some((url) => /^https?:\/\/(?:[\w-]+\.)?(?:herokucdn\.com\/deploy\/button|heroku\.com\/deploy)/i.test(url));
