import { autolink } from "../autolink.ts";
import { html } from "../html.ts";
import { layout, type Page } from "../layout.ts";

export interface ConsentPage extends Page {
  cloud: { id: string; name: string };
  explain: string;
  /** The kind of account to sign in with. */
  accountLabel: string;
  requestedAccess: { what: string; why: string }[];
  /** Scopes beyond what is needed. */
  excessScope?: string;
  /** The account connected in this browser; null if none. */
  connectedAs: string | null;
}

/** Explains which access a deployment needs, why and for how long, and how to revoke it. */
export const consentPage = ({
  assets,
  cloud,
  explain,
  accountLabel,
  requestedAccess,
  connectedAs,
  excessScope,
}: ConsentPage) =>
  layout({
    assets,
    title: `Lend access to ${cloud.name}`,
    body: html`<h1>Lend access to ${cloud.name}</h1>
<p class="lead">${autolink(explain)}</p>
${connectedAs === null ? signInButton(cloud, accountLabel) : connectedBox(cloud, connectedAs)}
<section aria-labelledby="lent-title">
<h2 id="lent-title">What you lend, and why</h2>
${excessScope ? html`<p>${autolink(excessScope)}</p>` : ""}
<dl class="lent">${requestedAccess.map(({ what, why }) => html`<div><dt>${what}</dt><dd>${why}</dd></div>`)}</dl>
</section>
<section aria-labelledby="long-title">
<h2 id="long-title">For how long, and where it is</h2>
<p>${cloud.name} gives us a token that ends by itself within an hour, and nothing to renew it with. It is kept encrypted in a cookie of your browser, which only this server can read. When you start a deployment, a copy of it is kept encrypted with that deployment, and wiped when it has succeeded, an hour after it has failed, or when it has been removed.</p>
<p>Removing an app later needs access once more: its page asks for it.</p>
</section>
<section aria-labelledby="none-title">
<h2 id="none-title">Or lend nothing</h2>
<p>The page of every app's plan has a script of plain commands that makes the same. Read it, and run it yourself: nobody else needs access to anything.</p>
</section>`,
  });

const signInButton = ({ id }: ConsentPage["cloud"], accountLabel: string) => html`<p class="actions">
<a class="loud" href="/connect/${id}?to=/connect/${id}">Sign in with your ${accountLabel}</a></p>`;

const connectedBox = (
  { id, name }: ConsentPage["cloud"],
  connectedAs: string,
) => html`<div class="box"><p>${name} is connected in this browser as <b dir="auto">${connectedAs}</b>. Go back to the page of your app: if it was open already, its button works now.</p>
${revokeForm(id, `/connect/${id}`)}</div>`;

/** The form that revokes access. */
export const revokeForm = (
  id: string,
  to: string,
) => html`<form action="/connect/${id}/end" method="post"><input type="hidden" name="to" value="${to}">
<button type="submit">Take the access back</button>
<p class="quiet small">It is forgotten here and ended there. A deployment under way stops, and goes on when you connect again.</p></form>`;
