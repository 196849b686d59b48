import { type Html, html } from "./html.ts";
import { safeUrl } from "./safe-url.ts";

const URLS = /(https?:\/\/[^\s<>"'()[\]{}]*[^\s<>"'()[\]{}.,;:!?])/g;

/** Somebody else's sentence, with the addresses in it made into links. */
export const linked = (text: string): (Html | string)[] =>
  text.split(URLS).map((part, index) => {
    const url = index % 2 === 1 ? safeUrl(part) : null;
    return url === null ? part : html`<a href="${url}" rel="nofollow noreferrer">${part}</a>`;
  });
