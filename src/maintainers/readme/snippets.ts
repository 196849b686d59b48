import type { PlacedBadge } from "./badge.ts";

export const formats = ["markdown", "html", "rst", "asciidoc"] as const;
export type Format = (typeof formats)[number];
export const formatName: Record<Format, string> = {
  markdown: "Markdown",
  html: "HTML",
  rst: "reStructuredText",
  asciidoc: "AsciiDoc",
};

// URLs are percent-encoded already, so they contain no bracket, quote or space; names are not encoded.

/** Escapes every character that is special in Markdown or on GitHub. A backslash may precede any ASCII punctuation. */
const escapeMarkdown = (text: string) => text.replace(/[\\`*_[\]<>&!|~$@#:^]/g, "\\$&");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/**
 * Escapes AsciiDoc's special characters as character references, which only its last substitution reads. Single dashes
 * and dots are not special.
 */
const escapeAsciiDoc = (text: string) =>
  text.replace(/[!-+/:-@[-`{-~]|-{2,}|\.{2,}/g, (characters) =>
    Array.from(characters, (character) => `&#${character.charCodeAt(0)};`).join(""),
  );

/**
 * AsciiDoc replaces emphasis, dashes and dots in URLs too: `a--b` would get an em dash. A host name cannot be
 * percent-encoded, so a backslash escapes its double dashes.
 * https://docs.asciidoctor.org/asciidoc/latest/macros/complex-urls/
 */
function escapeAsciiDocUrl(url: string): string {
  const [origin = ""] = /^https?:\/\/[^/]*/.exec(url) ?? [];
  const rest = url
    .slice(origin.length)
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "%5F")
    .replace(/-(?=-)/g, "%2D")
    .replace(/\.(?=\.)/g, "%2E");
  return origin.replace(/(?<=\w)--(?=\w)/g, "\\--") + rest;
}

const markdown = ({ alt, image, page }: PlacedBadge) => `[![${escapeMarkdown(alt)}](${image})](${page})`;

function html({ alt, image, themed, page, height }: PlacedBadge): string {
  const img = `<img alt="${escapeHtml(alt)}" src="${escapeHtml(themed?.light ?? image)}" height="${height}">`;
  if (!themed) return `<a href="${escapeHtml(page)}">${img}</a>`;
  return `<a href="${escapeHtml(page)}">
  <picture>
    <source media="(prefers-color-scheme: dark)" srcset="${escapeHtml(themed.dark)}">
    ${img}
  </picture>
</a>`;
}

const directive = ({ image, alt, page }: PlacedBadge) => `image:: ${image}\n   :alt: ${alt}\n   :target: ${page}`;

/** Several badges are substitutions on one line, as an image directive takes a line of its own. */
function rst(badges: PlacedBadge[]): string {
  const [first] = badges;
  if (badges.length < 2) return first ? `.. ${directive(first)}` : "";
  const names = badges.map((_, index) => `|slipway-${index + 1}|`);
  const images = badges.map((badge, index) => `.. ${names[index]} ${directive(badge)}`);
  return [names.join(" "), ...images].join("\n\n");
}

const asciidoc = ({ image, alt, page }: PlacedBadge) =>
  `image:${escapeAsciiDocUrl(image)}["${escapeAsciiDoc(alt)}",link="${escapeAsciiDocUrl(page)}"]`;

/** Returns the snippet for a README in this format. */
export function snippetOf(format: Format, badges: PlacedBadge[]): string {
  if (format === "rst") return rst(badges);
  const render = { markdown, html, asciidoc }[format];
  return badges.map(render).join("\n");
}
