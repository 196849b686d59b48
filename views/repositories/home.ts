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
    title: problem ? "We can't read that repository" : "A deploy button for any cloud",
    description: "One badge in a README deploys the app to your own cloud account.",
    scripts: ["copy.js"],
    body: html`
<div class="hero">
<h1>A deploy button for any cloud</h1>
<p class="lead">Paste a repository to see what its app needs and what it costs on each cloud. Then deploy it to your own account.</p>
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
<button class="loud" type="submit">See cost and deploy</button>
</div>
${problem ? html`<div class="field-problem" id="repo-problem" role="alert">${noteBody(problem, "")}</div>` : html`<p class="hint">Any GitHub URL works: repository, branch, folder or clone URL.</p>`}
</form>`;

function howItWorks(origin: string, example: string | undefined): Html {
  const page = `${origin}/github.com/you/your-app`;
  return html`<section id="how" aria-labelledby="how-title">
<h2 id="how-title">How it works</h2>
<ol class="how">
<li><h3>A badge in the README</h3>
<p>A maintainer adds one line. Slipway reads files that the repository already has, such as <code>app.json</code> or a <code>Procfile</code>.</p>
${example ? html`<p><a href="${safeUrl(example)}"><img class="badge" src="${safeUrl(`${example}/badge.svg`)}" alt="Deploy button of the first example"></a></p>` : ""}</li>
<li><h3>Price first</h3>
<p>Visitors see every resource and its monthly price on each cloud before they sign in.</p></li>
<li><h3>In your own account</h3>
<p>You grant temporary access and watch each step. You get a URL, and one button that deletes everything.</p></li>
</ol>
<h3>Add this line to your README</h3>
${snippet("Markdown", `[![Deploy](${page}/badge.svg)](${page})`)}
<p class="quiet small">For maintainers: add <code>/badge</code> to the URL of your repository here for other styles and formats, or <code>/stats</code>, <code>/settings</code> and <code>/webhooks</code>.</p>
</section>`;
}

const exampleList = (examples: HomePage["examples"]) => html`<section aria-labelledby="examples-title">
<h2 id="examples-title">Try an example</h2>
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
<h2 id="clouds-title">Clouds on this server</h2>
${clouds.length === 0 ? html`<p class="quiet">No cloud is set up on this server.</p>` : ""}
<ul class="rows">${clouds.map(
  (cloud) => html`<li class="row">${cloudLogo(cloud)}
<div class="row-text"><p><b>${cloud.name}</b> <span class="tag" data-kind="${cloud.connected ? "good" : "quiet"}">${cloud.connected ? "connected" : "not connected"}</span></p>
${cloud.note ? html`<p class="quiet">${cloud.note}</p>` : html`<p class="quiet">Ready to deploy to ${cloud.inSentence}.</p>`}</div></li>`,
)}</ul>
</section>`;
