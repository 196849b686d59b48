import { autolink } from "./autolink.ts";
import { dateTime } from "./format.ts";
import { html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { safeUrl } from "./safe-url.ts";

/** The page of every error: not found, rate limit, outage, moved repository, internal error. */
export interface ErrorPage extends Page {
  title: string;
  message: string;
  /** What the visitor can do; empty if nothing. */
  fix: string;
  actions: { label: string; href: string }[];
  retryAt: Date | null;
  signedIn?: string;
}

export const errorPage = ({ assets, title, message, fix, actions, retryAt, signedIn }: ErrorPage) => {
  const [primary, ...secondary] = actions.filter(({ href }) => safeUrl(href) !== null);
  return layout({
    assets,
    title,
    signedIn,
    body: html`<div class="trouble">
<h1 dir="auto">${title}</h1>
<p class="lead" dir="auto">${autolink(message)}</p>
${fix ? html`<p dir="auto">${autolink(fix)}</p>` : ""}
${retryAt ? html`<p>Try again after <time datetime="${retryAt.toISOString()}"><b>${dateTime(retryAt.toISOString())}</b></time>.</p>` : ""}
<p class="actions">
${primary ? html`<a class="loud" href="${safeUrl(primary.href)}">${primary.label}</a>` : html`<a class="loud" href="/">Home</a>`}
${secondary.map(({ label, href }) => html`<a href="${safeUrl(href)}">${label}</a>`)}
</p>
</div>`,
  });
};
