import { type Html, html } from "./html.ts";

/** Renders `code` and **strong** of our own texts; everything else is text. */
export const inlineMarkdown = (text: string): Html =>
  html`${text.split(/(`[^`]*`|\*\*[^*]*\*\*)/).map((part, index) => {
    if (index % 2 === 0) return part;
    return part.startsWith("`") ? html`<code>${part.slice(1, -1)}</code>` : html`<b>${part.slice(2, -2)}</b>`;
  })}`;
