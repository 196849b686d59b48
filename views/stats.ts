import { chart } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { day, number } from "./phrases.ts";
import { safeUrl } from "./safe-url.ts";
import { cloudTile } from "./tile.ts";

export interface Counts {
  badge: number;
  visit: number;
  start: number;
  success: number;
  failure: number;
  removal: number;
}

export type DayCounts = { /** `2026-11-22` */ day: string } & Counts;

export interface StatsPage extends Page {
  path: string;
  repo: string;
  /** Oldest first. */
  days: DayCounts[];
  clouds: { id: string; name: string; start: number; success: number; failure: number }[];
  totals: Counts;
}

export const statsPage = (page: StatsPage) => {
  const { path, repo, days, clouds, totals } = page;
  return layout({
    ...page,
    title: `Installs of ${repo}`,
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${repo}</a></p>
<h1>Installs</h1>
${numbers(totals)}
${days.length === 0 ? html`<p class="box">Nobody has pressed the button yet. What happens here is counted by day, without cookies and without addresses.</p>` : html`${chart(days)}${byDay(days)}`}
${clouds.length > 0 ? byCloud(clouds) : ""}
${days.length > 0 ? html`<p class="quiet small">Counted by day, without cookies and without addresses.</p>` : ""}`,
  });
};

const words: [keyof Counts, string][] = [
  ["badge", "Badges"],
  ["visit", "Visits"],
  ["start", "Started"],
  ["success", "Succeeded"],
  ["failure", "Failed"],
  ["removal", "Removed"],
];

const numbers = (totals: Counts): Html =>
  html`<dl class="numbers">${words.map(([key, label]) => html`<div><dt>${label}</dt><dd>${number(totals[key])}</dd></div>`)}</dl>`;

const byDay = (days: DayCounts[]) => html`<details class="fold"><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="By day"><table class="counts">
<thead><tr><th scope="col">Day</th>${words.map(([, label]) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${days.toReversed().map((counts) => html`<tr><th scope="row">${day(counts.day)}</th>${words.map(([key]) => html`<td>${number(counts[key])}</td>`)}</tr>`)}</tbody>
</table></div></details>`;

const byCloud = (clouds: StatsPage["clouds"]) => html`<section><h2 id="clouds-title">By cloud</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="clouds-title"><table class="counts">
<thead><tr><th scope="col">Cloud</th><th scope="col">Started</th><th scope="col">Succeeded</th><th scope="col">Failed</th></tr></thead>
<tbody>${clouds.map(
  (cloud) => html`<tr><th scope="row"><span class="with-tile">${cloudTile(cloud)}<span>${cloud.name}</span></span></th>
<td>${number(cloud.start)}</td><td>${number(cloud.success)}</td><td>${number(cloud.failure)}</td></tr>`,
)}</tbody>
</table></div></section>`;
