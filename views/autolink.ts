import { type Html, html } from "./html.ts";
import { safeUrl } from "./safe-url.ts";

const URLS = /(https?:\/\/[^\s<>"'()[\]{}]*[^\s<>"'()[\]{}.,;:!?])/g;

/** Renders text from a third party: `code` as code, URLs as links. */
export const autolink = (text: string): (Html | string)[] =>
  text.split(/`([^`\n]+)`/).flatMap((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : linkUrls(part)));

const linkUrls = (text: string) =>
  text.split(URLS).map((part, index) => {
    if (index % 2 === 0 || safeUrl(part) === null) return part;
    return html`<a href="${safeUrl(part)}" rel="nofollow noreferrer">${part}</a>`;
  });
