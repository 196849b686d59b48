import { type Mark, slipwayMark } from "../badges/logos.ts";
import { type Html, html } from "./html.ts";
import { safeUrl } from "./safe-url.ts";

/** A cloud's logo. Hidden from screen readers: its name is always next to it. */
export const cloudLogo = (cloud: { name: string; mark?: Mark }): Html =>
  html`<span class="cloud-tile" aria-hidden="true">${cloud.mark ? drawing(cloud.mark) : firstLetter(cloud.name)}</span>`;

const drawing = ({ ink, line }: Mark): Html =>
  html`<svg viewBox="0 0 16 16" aria-hidden="true" fill="currentColor"><path fill-rule="evenodd" d="${ink}"/>${line ? html`<path d="${line}"/>` : ""}</svg>`;

/** Slipway's logo. */
export const slipwayLogo = (): Html => html`<span class="own-mark">${drawing(slipwayMark)}</span>`;

/** An app's logo, or its first letter if there is none or its URL is not safe. */
export function appLogo(app: { name: string; logo: string }): Html {
  if (safeUrl(app.logo) === null)
    return html`<span class="app-tile" data-hue="${hue(app.name)}" aria-hidden="true">${firstLetter(app.name)}</span>`;
  return html`<img class="app-tile" src="${safeUrl(app.logo)}" alt="" width="64" height="64" referrerpolicy="no-referrer">`;
}

const firstLetter = (name: string) => /[\p{L}\p{N}]\p{M}{0,4}/u.exec(name)?.[0].toUpperCase() ?? "?";

const hue = (name: string) =>
  [...name.slice(0, 100)].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 6;
