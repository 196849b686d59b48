import type { App } from "../../src/app.ts";
import type { Remark } from "../../src/plan.ts";
import type { Note } from "../../src/result.ts";
import { appHeader } from "../app-header.ts";
import { autolink } from "../autolink.ts";
import type { CloudSummary } from "../cloud.ts";
import { longDate, money, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { cloudLogo } from "../logo.ts";
import { noteBody, noteList } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";
import { needsAnswer, requirementChips } from "./requirements.ts";

export interface AppPage extends Page {
  app: App;
  /** `/github.com/o/r` */
  path: string;
  /** "" or `?ref=x&path=y`, kept in links to other pages. */
  query: string;
  clouds: CloudOffer[];
  /** Clouds that the maintainers exclude. */
  withheld?: { name: string; note: string | null }[];
  remarks: Note[];
  snippet: { markdown: string; badge: string };
  installs: number | null;
  notice: Note | null;
  /** The date of the prices, `2026-11-01`. */
  asOf?: string;
}

export interface CloudOffer extends CloudSummary {
  region: string;
  /** US dollars; null if not known. */
  monthly: number | null;
  /** One line on what would run there. */
  summary: string;
  remarks: Remark[];
  /** A note from the maintainers. */
  note?: string | null;
  /** The configure page. The page's query is appended if this has none. */
  path: string;
}

export const appPage = (page: AppPage) => {
  const { app, path, query, remarks, notice } = page;
  return layout({
    ...page,
    title: `Deploy ${app.name}`,
    description: app.description,
    scripts: ["copy.js"],
    body: html`
${notice ? html`<div class="box" data-kind="warn">${noteBody(notice, "")}</div>` : ""}
${appHeader(
  app,
  app.name,
  html`${app.description ? html`<p class="lead" dir="auto">${autolink(app.description)}</p>` : ""}
${sourceFacts(page)}`,
)}
${requirementChips(app)}
${offerList(page)}
${questions(app)}
${remarks.length > 0 ? remarkDetails(remarks, path + query) : ""}
${badgeSection(page.snippet, path, query)}`,
  });
};

function sourceFacts({ app, path, installs }: AppPage): Html {
  const { source } = app;
  const { website } = app;
  const repository = path.slice(1);
  return html`<p class="facts">
${source.host === "github.com" ? html`<a href="${safeUrl(`https://${repository}`)}">${repository}</a>` : html`<span>${repository}</span>`}
<span><span dir="auto">${source.ref}</span> · <code>${source.commit.slice(0, 7)}</code></span>
${source.path ? html`<span>in <code>${source.path}</code></span>` : ""}
${safeUrl(website) ? html`<a href="${safeUrl(website)}" rel="nofollow noreferrer">Website</a>` : ""}
${installs === null ? "" : html`<span>${plural(installs, "install")}</span>`}
</p>`;
}

const missingRemarks = (offer: CloudOffer) => offer.remarks.filter((remark) => remark.level === "missing");

function offerList({ clouds, withheld = [], query, asOf }: AppPage): Html {
  const available = clouds
    .filter((cloud) => missingRemarks(cloud).length === 0)
    .toSorted((a, b) => (a.monthly ?? Infinity) - (b.monthly ?? Infinity));
  const unavailable = clouds.filter((cloud) => missingRemarks(cloud).length > 0);
  const [cheapestOffer] = available;
  const cheapest = available.filter((cloud) => cloud.monthly !== null).length > 1 ? cheapestOffer : undefined;
  return html`<section aria-labelledby="where-title">
<div class="section-head"><h2 id="where-title">Where should it run?</h2>
${available.length > 0 ? html`<p class="quiet">${available.length > 1 ? "everything is created in your own account · cheapest first" : "you review the plan before anything is created"}</p>` : ""}</div>
${available.length === 0 ? html`<p class="box">${clouds.length === 0 && withheld.length > 0 ? "The maintainers don't offer this app on any cloud here." : clouds.length === 0 ? "No cloud is set up on this server." : "No cloud here can run this app yet. Reasons below."}</p>` : ""}
<ul class="offers">
${available.map((cloud) => offer(cloud, query, cloud === cheapest))}
${unavailable.map(unavailableOffer)}
</ul>
${withheld.map(({ name, note }) => html`<p class="quiet small" dir="auto">The maintainers don't offer this app on ${name}${note ? html`: ${autolink(note)}` : "."}</p>`)}
${available.length > 0 && available.some(({ billed }) => billed) ? html`<p class="quiet small">List prices${asOf ? ` of ${longDate(asOf)}` : ""}. Excludes tax, traffic and free tiers.</p>` : ""}
</section>`;
}

function offer(cloud: CloudOffer, query: string, cheapest: boolean): Html {
  const href = cloud.path.includes("?") ? cloud.path : cloud.path + query;
  const differences = cloud.remarks.filter((remark) => remark.level !== "exact").length;
  return html`<li class="offer" data-first="${String(cheapest)}">${cloudLogo(cloud)}
<p class="offer-name"><a class="card-link" href="${safeUrl(href)}"><b>${cloud.name}</b></a>${cheapest ? html` <span class="tag">cheapest</span>` : ""}</p>
${price(cloud)}
<div class="offer-more quiet small"><p>${[cloud.summary, cloud.region].filter((part) => part !== "" && part !== cloud.name).join(" · ")}</p>
${cloud.note ? html`<p dir="auto">${autolink(cloud.note)}</p>` : ""}${differences > 0 ? html`<p>${plural(differences, "difference")}</p>` : ""}</div></li>`;
}

const price = ({ billed, monthly }: CloudOffer) =>
  monthly === null
    ? html`<p class="price"><span class="quiet">price unknown</span></p>`
    : html`<p class="price"><b>${money(monthly, billed)}</b>${monthly === 0 && !billed ? "" : html` <span>a month</span>`}</p>`;

const unavailableOffer = (cloud: CloudOffer) => html`<li class="offer" data-unable="true">${cloudLogo(cloud)}
<p class="offer-name"><b>${cloud.name}</b> <span class="tag" data-kind="quiet">can't run it</span></p>
<div class="offer-more quiet small">${missingRemarks(cloud).map((remark) => noteBody({ ...remark, file: "", path: "" }, ""))}</div></li>`;

function questions(app: App): Html | string {
  const required = app.variables.filter(needsAnswer);
  const generated = app.variables.filter((variable) => variable.generator !== null).length;
  const optionalCount = app.variables.length - required.length - generated;
  if (app.variables.length === 0) return "";
  return html`<section aria-labelledby="asks-title">
<h2 id="asks-title">You'll be asked for</h2>
${required.length === 0 ? html`<p>Nothing required.</p>` : ""}
<dl class="asks">${required.map(
    (variable) =>
      html`<div><dt><code class="variable">${variable.name}</code></dt><dd dir="auto">${variable.description ? autolink(variable.description) : html`<span class="quiet">no description</span>`}</dd></div>`,
  )}</dl>
<p class="quiet small">${[
    generated > 0 ? `${plural(generated, "secret is", "secrets are")} generated for you.` : "",
    optionalCount > 0
      ? `${plural(optionalCount, "setting has a default or is optional", "settings have a default or are optional")}.`
      : "",
  ].join(" ")}</p>
</section>`;
}

const remarkDetails = (remarks: Note[], path: string) => html`<details class="fold">
<summary>${plural(remarks.length, "note")} on the manifest</summary>
${noteList(remarks, "remark", path.slice(1))}
</details>`;

const badgeSection = (
  { markdown, badge }: AppPage["snippet"],
  path: string,
  query: string,
) => html`<section aria-labelledby="readme-title">
<h2 id="readme-title">Add this button to a README</h2>
${safeUrl(badge) ? html`<p><img class="badge" src="${safeUrl(badge)}" alt="Preview of the button"></p>` : ""}
${snippet("Markdown", markdown)}
<p class="small"><a href="${safeUrl(`${path}/badge${query}`)}">Other styles and formats</a></p>
<p class="quiet small">For maintainers: <a href="${safeUrl(`${path}/badge${query}`)}">badge</a>, <a href="${safeUrl(`${path}/stats`)}">stats</a>, <a href="${safeUrl(`${path}/settings`)}">settings</a>, <a href="${safeUrl(`${path}/webhooks`)}">webhooks</a></p>
</section>`;
