import type { PlacedBadge } from "./badge.ts";

export const formats = ["markdown", "html", "rst", "asciidoc"] as const;
export type Format = (typeof formats)[number];
export const formatName: Record<Format, string> = {
  markdown: "Markdown",
  html: "HTML",
  rst: "reStructuredText",
  asciidoc: "AsciiDoc",
};

// Addresses come percent-encoded (`encode`), so that none has a bracket, quote or space; names come as they are.

/** Whatever Markdown or GitHub might take for a sign of theirs. A backslash may stand before any ASCII punctuation. */
const forMarkdown = (text: string) => text.replace(/[\\`*_[\]<>&!|~$@#:^]/g, "\\$&");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const forHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/**
 * Each sign of AsciiDoc's as a character reference, which nothing but the last of its substitutions reads. Single
 * dashes and dots mean nothing there.
 */
const forAsciiDoc = (text: string) =>
  text.replace(/[!-+/:-@[-`{-~]|-{2,}|\.{2,}/g, (signs) =>
    Array.from(signs, (sign) => `&#${sign.charCodeAt(0)};`).join(""),
  );

/**
 * AsciiDoc looks for emphasis, dashes and dots in addresses, too: `a--b` would get one long dash. In the host's name,
 * where percent signs have no place, a backslash says that two dashes are meant.
 * https://docs.asciidoctor.org/asciidoc/latest/macros/complex-urls/
 */
function urlForAsciiDoc(url: string): string {
  const [origin = ""] = /^https?:\/\/[^/]*/.exec(url) ?? [];
  const rest = url
    .slice(origin.length)
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "%5F")
    .replace(/-(?=-)/g, "%2D")
    .replace(/\.(?=\.)/g, "%2E");
  return origin.replace(/(?<=\w)--(?=\w)/g, "\\--") + rest;
}

const markdown = ({ alt, image, page }: PlacedBadge) => `[![${forMarkdown(alt)}](${image})](${page})`;

function html({ alt, image, themed, page, height }: PlacedBadge): string {
  const img = `<img alt="${forHtml(alt)}" src="${forHtml(themed?.light ?? image)}" height="${height}">`;
  if (!themed) return `<a href="${forHtml(page)}">${img}</a>`;
  return `<a href="${forHtml(page)}">
  <picture>
    <source media="(prefers-color-scheme: dark)" srcset="${forHtml(themed.dark)}">
    ${img}
  </picture>
</a>`;
}

const directive = ({ image, alt, page }: PlacedBadge) => `image:: ${image}\n   :alt: ${alt}\n   :target: ${page}`;

/** Several in a row are names for images, as an image of its own takes a line of its own. */
function rst(badges: PlacedBadge[]): string {
  const [first] = badges;
  if (badges.length < 2) return first ? `.. ${directive(first)}` : "";
  const names = badges.map((_, index) => `|slipway-${index + 1}|`);
  const images = badges.map((badge, index) => `.. ${names[index]} ${directive(badge)}`);
  return [names.join(" "), ...images].join("\n\n");
}

const asciidoc = ({ image, alt, page }: PlacedBadge) =>
  `image:${urlForAsciiDoc(image)}["${forAsciiDoc(alt)}",link="${urlForAsciiDoc(page)}"]`;

/** What a maintainer pastes into a README in this format; several badges stand in a row. */
export function snippetOf(format: Format, badges: PlacedBadge[]): string {
  if (format === "rst") return rst(badges);
  const one = { markdown, html, asciidoc }[format];
  return badges.map(one).join("\n");
}
