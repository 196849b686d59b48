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
    title: `Connect ${cloud.name}`,
    body: html`<h1>Connect ${cloud.name}</h1>
<p class="lead">${autolink(explain)}</p>
${connectedAs === null ? signInButton(cloud, accountLabel) : connectedBox(cloud, connectedAs)}
<section aria-labelledby="lent-title">
<h2 id="lent-title">Permissions we ask for</h2>
${excessScope ? html`<p>${autolink(excessScope)}</p>` : ""}
<dl class="lent">${requestedAccess.map(({ what, why }) => html`<div><dt>${what}</dt><dd>${why}</dd></div>`)}</dl>
</section>
<section aria-labelledby="long-title">
<h2 id="long-title">How long access lasts and where it is stored</h2>
<p>${cloud.name} gives us a token that expires within one hour and can't be renewed. It is stored encrypted in a cookie in your browser that only this server can read. When you start a deployment, an encrypted copy is stored with it. The copy is deleted when the deployment succeeds, one hour after it fails, or when the app is removed.</p>
<p>Removing an app later needs access again; its page asks for it.</p>
</section>
<section aria-labelledby="none-title">
<h2 id="none-title">Or deploy without giving access</h2>
<p>The page of every app's plan has a script of plain commands that creates the same resources. Read it and run it yourself; no one else needs access.</p>
</section>`,
  });

const signInButton = ({ id }: ConsentPage["cloud"], accountLabel: string) => html`<p class="actions">
<a class="loud" href="/connect/${id}?to=/connect/${id}">Sign in with your ${accountLabel}</a></p>`;

const connectedBox = (
  { id, name }: ConsentPage["cloud"],
  connectedAs: string,
) => html`<div class="box"><p>Connected to ${name} as <b dir="auto">${connectedAs}</b> in this browser. Return to your app's page to deploy it.</p>
${revokeForm(id, `/connect/${id}`)}</div>`;

/** The form that revokes access. */
export const revokeForm = (
  id: string,
  to: string,
) => html`<form action="/connect/${id}/end" method="post"><input type="hidden" name="to" value="${to}">
<button type="submit">Disconnect</button>
<p class="quiet small">We delete the token and revoke it. A running deployment pauses until you reconnect.</p></form>`;
