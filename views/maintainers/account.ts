import { dateTime, longDate, plural } from "../format.ts";
import { html } from "../html.ts";
import { layout, type Page } from "../layout.ts";

export interface AccountPage extends Page {
  signedIn: string;
  login: string;
  /** Newest first. `used` is a date: `2026-11-22`. */
  sessions: { created: string; used: string; scope: string; current: boolean }[];
}

export const accountPage = (page: AccountPage) => {
  const { login, sessions } = page;
  return layout({
    ...page,
    title: "Your sessions",
    body: html`
<h1>Your sessions</h1>
<p class="lead">You're signed in as <b dir="auto">${login}</b> in ${plural(sessions.length, "browser")}.</p>
<section aria-labelledby="sessions-title"><h2 id="sessions-title">Sessions</h2>
<ul class="rows">${sessions.map(
      ({ created, used, scope, current }) =>
        html`<li class="row"><div class="row-text"><p><b>${dateTime(created)}</b>${current ? html` <span class="tag" data-kind="good">this browser</span>` : ""}</p>
<p class="quiet">last used on ${longDate(used)}${scope ? html` · can write to your public repositories, for a pull request` : ""}</p></div></li>`,
    )}</ul>
<p class="quiet small">We don't store locations. A session expires 30 days after it was last used.</p></section>
<form action="/sign-out/everywhere" method="post"><button type="submit">Sign out everywhere</button></form>`,
  });
};
