import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";

export interface ConnectAwsPage extends Page {
  /** Who this visitor is to AWS. */
  subject: string;
  /** The name of the role, the same in every account. */
  role: string;
  /** What the stack that lends it is called. */
  stack: string;
  ways: { kind: "oidc" | "role"; template: string; command: string; console: string | null }[];
}

/** How to lend access to an AWS account, for somebody careful. */
export const lendPage = ({ assets, subject, role, stack, ways }: ConnectAwsPage) =>
  layout({
    assets,
    title: "Lend access to your AWS account",
    scripts: ["copy.js"],
    body: html`<h1>Lend access to your AWS account</h1>
<p class="lead">A small stack in your account makes a role for us. It lasts until you delete that stack; each deployment uses it in sessions of 15 minutes, narrowed to its own stack.</p>
${ways.length === 0 ? nothing : ways.map((one) => way(one, { subject, stack, alone: ways.length === 1 }))}
${
  ways.length === 0
    ? ""
    : html`<section aria-labelledby="lent-title">
<h2 id="lent-title">What you lend</h2>
<ul class="ways">
<li><b>To us</b> (<code>${role}</code>): create, watch, change and delete CloudFormation stacks called <code>slipway-...</code>; hand them the role below; delete, never read, what is in their buckets.</li>
<li><b>To CloudFormation</b> (<code>${role}-stacks</code>): make what such a stack consists of. It cannot make a role or user that may do more than <code>${role}-apps</code> allows, and nobody but CloudFormation can use it.</li>
<li><b>Only for you</b>: the role lets us in when we act for <code>${subject}</code>, which only this browser makes us do. Another visitor who types your account id is refused.</li>
</ul>
<p>The template is all there is to it: read it before you run it. To take it back, delete the stack <code>${stack}</code>: your apps go on running.</p>
</section>`
}
<section aria-labelledby="none-title">
<h2 id="none-title">${ways.length === 0 ? "Lend nothing" : "Or lend nothing"}</h2>
<p>The page of every app's plan has its CloudFormation template, and the command that runs it. Read it, and run it yourself: nobody else needs access to anything.</p>
</section>`,
  });

const nothing = html`<div class="box" data-kind="warn"><p>This Slipway cannot be known to AWS: it has neither a public address with HTTPS nor an AWS account. Its operator can change that; until then, lend nothing.</p></div>`;

const titles = {
  oidc: "With OpenID Connect",
  role: "With an external id",
};
const explanations: Record<ConnectAwsPage["ways"][number]["kind"], Html> = {
  oidc: html`<p>Your account learns to trust tokens that this Slipway signs. They are good for five minutes, and for you alone. Nobody holds a key to AWS: there is none to be stolen.</p>`,
  role: html`<p>The AWS account of whoever runs this Slipway may use the role, and has to name an external id that only you have. We check that the role refuses us without it.</p>`,
};

interface About {
  subject: string;
  stack: string;
  alone: boolean;
}

const way = (
  { kind, template, command, console }: ConnectAwsPage["ways"][number],
  { subject, stack, alone }: About,
) => html`<section aria-labelledby="${kind}-title">
<h2 id="${kind}-title">${alone ? "How" : titles[kind]}</h2>
${explanations[kind]}
<ol class="ways">
${console ? html`<li><a class="loud" href="${safeUrl(console)}">Open it in the AWS console</a></li>` : ""}
<li>${console ? "Or open" : "Open"} CloudShell in the AWS console, and run:
${snippet(`Command (${titles[kind]})`, command)}</li>
<li>Or <a href="${safeUrl(template)}">download the template</a>, read it, and create a stack called <code>${stack}</code> from it, with <code>Visitor</code> = <code>${subject}</code>.</li>
</ol>
<p>When the stack is complete, go back to the app's page and type your account id there.</p>
</section>`;
