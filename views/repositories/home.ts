import type { Note } from "../../src/result.ts";
import type { CloudSummary } from "../cloud.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { cloudLogo } from "../logo.ts";
import { noteBody } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";

export interface HomePage extends Page {
  /** The submitted address, shown again with its problem. */
  address: string;
  problem: Note | null;
  examples: { name: string; description: string; path: string }[];
  clouds: (CloudSummary & { connected: boolean; note: string })[];
  origin: string;
}

export const homePage = ({ assets, address, problem, examples, clouds, origin }: HomePage) =>
  layout({
    assets,
    title: problem ? "That is no repository we can read" : "A deploy button for any cloud",
    description: "One badge in a README. One press, and the app runs in your own cloud account.",
    scripts: ["copy.js"],
    body: html`
<div class="hero">
<h1>A deploy button for any cloud</h1>
<p class="lead">Paste a repository. See what its app needs and what that costs on each cloud. Then run it, in an account that is yours.</p>
${addressForm(address, problem)}
</div>
${howItWorks(origin, examples[0]?.path)}
${examples.length > 0 ? exampleList(examples) : ""}
${cloudList(clouds)}`,
  });

const addressForm = (address: string, problem: Note | null) => html`<form class="paste" action="/" method="get">
<label for="repo">Repository</label>
<div class="paste-row">
<input id="repo" name="repo" type="text" value="${address}" placeholder="github.com/owner/name" required autocapitalize="none" autocomplete="off" spellcheck="false" ${problem ? html`aria-invalid="true" aria-describedby="repo-problem" autofocus` : ""}>
<button class="loud" type="submit">Show me</button>
</div>
${problem ? html`<div class="field-problem" id="repo-problem" role="alert">${noteBody(problem, "")}</div>` : html`<p class="hint">Any address of it will do: the page, a branch, a folder, the clone address.</p>`}
</form>`;

function howItWorks(origin: string, example: string | undefined): Html {
  const page = `${origin}/github.com/you/your-app`;
  return html`<section id="how" aria-labelledby="how-title">
<h2 id="how-title">How it works</h2>
<ol class="how">
<li><h3>A badge in the README</h3>
<p>A maintainer adds one line. Slipway reads the files that are there already, such as <code>app.json</code> or a <code>Procfile</code>.</p>
${example ? html`<p><a href="${safeUrl(example)}"><img class="badge" src="${safeUrl(`${example}/badge.svg`)}" alt="Deploy, the button of the first example"></a></p>` : ""}</li>
<li><h3>The price comes first</h3>
<p>Whoever presses it sees what will be created, line by line, with its monthly price on each cloud. Before any sign-in.</p></li>
<li><h3>In your own account</h3>
<p>You lend access for some minutes and watch each step. At the end there is a URL, and one button that takes it all away again.</p></li>
</ol>
<h3>The line for your README</h3>
${snippet("Markdown", `[![Deploy](${page}/badge.svg)](${page})`)}
<p class="quiet small">A maintainer sees more behind the address of their repository: <code>/badge</code> with other looks and formats, <code>/stats</code>, <code>/settings</code> and <code>/webhooks</code>.</p>
</section>`;
}

const exampleList = (examples: HomePage["examples"]) => html`<section aria-labelledby="examples-title">
<h2 id="examples-title">Try one</h2>
<ul class="cards">${examples.map(
  ({
    name,
    description,
    path,
  }) => html`<li class="card"><a class="card-link" href="${safeUrl(path)}"><b dir="auto">${name}</b></a>
${description ? html`<p dir="auto">${description}</p>` : ""}</li>`,
)}</ul>
</section>`;

const cloudList = (clouds: HomePage["clouds"]) => html`<section aria-labelledby="clouds-title">
<h2 id="clouds-title">Where apps can run from here</h2>
${clouds.length === 0 ? html`<p class="quiet">No cloud is set up on this server.</p>` : ""}
<ul class="rows">${clouds.map(
  (cloud) => html`<li class="row">${cloudLogo(cloud)}
<div class="row-text"><p><b>${cloud.name}</b> <span class="tag" data-kind="${cloud.connected ? "good" : "quiet"}">${cloud.connected ? "connected" : "not connected"}</span></p>
${cloud.note ? html`<p class="quiet">${cloud.note}</p>` : html`<p class="quiet">Ready: apps can run on ${cloud.inSentence}.</p>`}</div></li>`,
)}</ul>
</section>`;
