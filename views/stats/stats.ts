import type { Mark } from "../../badges/logos.ts";
import type { Stats } from "../../src/data/store/stats.ts";
import type { Preset } from "../../src/stats/date-range.ts";
import { duration, formatNumber, longDate, percent, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { maintainerTabs } from "../maintainers/tabs.ts";
import { safeUrl } from "../safe-url.ts";
import { chartFigure } from "./chart-figure.ts";
import { failureList } from "./failures.ts";
import { breakdownTables, cloudTable, dayTable, durationSection, siteTable } from "./tables.ts";

export interface StatsPage extends Page {
  path: string;
  repo: string;
  stats: Stats;
  preset: Preset | null;
  /** `2026-11-22`: the last day that can be selected. */
  today: string;
  /** A cloud by its id, also one that this server no longer offers. */
  cloudOf: (id: string) => { name: string; mark?: Mark };
  /** Whether visitors who are not maintainers may see the page. */
  isPublic: boolean;
  signedIn?: string | undefined;
}

export const statsPage = (page: StatsPage) => {
  const { path, repo, stats, today, cloudOf } = page;
  const { totals } = stats;
  const isEmpty = Object.values(totals).every((count) => count === 0);
  const query = `?from=${stats.from}&to=${stats.to}`;
  const chart = (name: string, label: string, legend: Html | string = "") =>
    chartFigure({ label, legend, src: `${path}/stats/${name}.svg${query}&v=${versionOf(stats)}` });
  return layout({
    ...page,
    title: `Installs of ${repo}`,
    scripts: stats.to === today ? ["stats.js"] : [],
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${repo}</a></p>
<h1>Installs</h1>
${maintainerTabs(path, "", "stats")}
${rangeForm(page)}
${liveRegion("numbers", totalsList(stats))}
${
  isEmpty
    ? html`<p class="box">${page.preset === "all" ? "No visits or installs yet." : "Nothing was counted in this period."} We count by day, without cookies or IP addresses.</p>`
    : html`
<section aria-labelledby="funnel-title"><h2 id="funnel-title">From visit to running app</h2>
${liveRegion("funnel", funnel(stats))}</section>
<section aria-labelledby="outcomes-title"><h2 id="outcomes-title">Outcomes</h2>
${liveRegion("outcomes", chart("outcomes", `${formatNumber(totals.success)} succeeded, ${formatNumber(totals.failure)} failed`, html`<span class="key" data-kind="success">succeeded</span> <span class="key" data-kind="failure">failed</span>`))}
<details class="fold"><summary>Show as a table</summary>${liveRegion("days", dayTable(stats.days))}</details></section>
${liveRegion("failures", failureList(stats.failures, totals.failure, cloudOf))}
${liveRegion("times", durationSection(stats, chart("times", "Deployments by duration")))}
${liveRegion("clouds", cloudTable(stats.clouds, cloudOf))}
${liveRegion("breakdowns", breakdownTables(stats.months, cloudOf))}
<section aria-labelledby="visits-title"><h2 id="visits-title">Visits</h2>
${liveRegion("visits", chart("visits", plural(totals.visit, "visit")))}
${liveRegion("sites", siteTable(stats.months))}</section>
<section aria-labelledby="badges-title"><h2 id="badges-title">Badge loads</h2>
<p class="quiet">GitHub’s image proxy loads README badges and caches them for hours, so these are cached loads, not people.</p>
${liveRegion("badges", html`${chart("badges", plural(totals.badge, "badge load"))}<p>${formatNumber(totals.proxy)} of ${formatNumber(totals.badge)} by image proxies.</p>`)}</section>`
}
<section aria-labelledby="count-title"><h2 id="count-title">How we count</h2>
${countingRules(stats)}</section>
<section aria-labelledby="take-title"><h2 id="take-title">Export</h2>
<p><a href="${safeUrl(`${path}/stats.json${query}`)}">Everything as JSON</a></p>
<p>As CSV: ${csvTables.map(([table, label], index) => html`${index > 0 ? ", " : ""}<a href="${safeUrl(`${path}/stats.csv${query}&table=${table}`)}">${label}</a>`)}</p>
<p class="quiet small">${page.isPublic ? "Everyone can see this page." : "Only maintainers can see this page, unless the settings say otherwise."} Days are in UTC.</p></section>`,
  });
};

const csvTables = [
  ["days", "days"],
  ["clouds", "clouds"],
  ["regions", "regions"],
  ["versions", "versions"],
  ["sites", "sites"],
  ["failures", "failures"],
  ["times", "times"],
] as const;

/** A region that stats.js keeps up to date. */
const liveRegion = (name: string, body: Html | string) => html`<div id="live-${name}" data-live>${body}</div>`;

/** Changes with every count, so that a browser never shows a stale chart beside a new one. */
const versionOf = ({ totals }: Stats) => Object.values(totals).join(".");

const presets: [Preset, string][] = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "A year"],
  ["all", "All"],
];

const rangeForm = ({ path, preset, stats, today }: StatsPage) => html`<div class="range">
<nav aria-label="Days"><ul class="range-days">${presets.map(
  ([days, label]) =>
    html`<li><a class="range-day" href="${safeUrl(`${path}/stats?days=${days}`)}" ${days === preset ? html`aria-current="true"` : ""}>${label}</a></li>`,
)}</ul></nav>
<form action="${safeUrl(`${path}/stats`)}" method="get">
<label for="from">From</label> <input id="from" name="from" type="date" value="${stats.from}" max="${today}" required>
<label for="to">to</label> <input id="to" name="to" type="date" value="${stats.to}" max="${today}" required>
<button type="submit">Show</button>
</form></div>`;

const totalsList = ({ totals, seconds, from, to }: Stats): Html => html`<dl class="numbers">${[
  ["Badge loads", formatNumber(totals.badge)],
  ["Visits", formatNumber(totals.visit)],
  ["Started", formatNumber(totals.start)],
  ["Succeeded", formatNumber(totals.success)],
  ["Failed", formatNumber(totals.failure)],
  ["Removed", formatNumber(totals.removal)],
  ["Median time", seconds ? duration(seconds.median * 1000) : "–"],
  ["95th percentile", seconds ? duration(seconds.p95 * 1000) : "–"],
].map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
<p class="quiet small">${longDate(from)} to ${longDate(to)}</p>`;

function funnel({ totals, rates }: Stats): Html {
  const steps: [string, number, number | null, string][] = [
    ["Visited", totals.visit, totals.visit > 0 ? 1 : null, ""],
    ["Started", totals.start, rates.started, "of visits"],
    ["Succeeded", totals.success, rates.succeeded, "of started"],
    ["Failed", totals.failure, rates.failed, "of started"],
    ["Removed", totals.removal, rates.removed, "of started"],
  ];
  return html`<table class="counts funnel"><thead><tr><th scope="col">Step</th><th scope="col">Count</th><th scope="col">Share</th></tr></thead>
<tbody>${steps.map(
    ([
      label,
      count,
      rate,
      base,
    ]) => html`<tr><th scope="row">${label}${shareBar(rate)}</th><td>${formatNumber(count)}</td>
<td>${base === "" || rate === null ? "" : html`${percent(rate)} <span class="quiet small">${base}</span>`}</td></tr>`,
  )}</tbody></table>`;
}

const shareBar = (rate: number | null) =>
  html`<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" data-kind="success" width="${(Math.min(1, rate ?? 0) * 100).toFixed(1)}" height="4"/></svg>`;

const countingRules = ({ totals }: Stats) => html`<ul class="plain-list">
<li>A deployment counts once, by its final result, however often it is retried.</li>
<li>We exclude bots, prefetches and bursts from one place: ${plural(totals.ignoredVisit, "visit")} and ${plural(totals.ignoredBadge, "badge load")} in this period.</li>
<li>No cookies, no IP addresses. Of a referrer we store the site, never the page.</li>
<li>Sites, regions and versions are counted by month. Fewer than five in a month are grouped as “other”.</li>
</ul>`;
