import type { Stats } from "../../src/data/store/stats.ts";
import { duration, formatNumber, longDate } from "../format.ts";
import { type Html, html } from "../html.ts";
import { cloudLogo } from "../logo.ts";

interface Column<Row> {
  label: string;
  of: (row: Row) => string | Html;
}

/** The numbers of a chart, for who reads rather than looks. The first column names the row. */
function table<Row>(label: string, rows: Row[], [first, ...rest]: [Column<Row>, ...Column<Row>[]]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="counts">
<thead><tr><th scope="col">${first.label}</th>${rest.map((column) => html`<th scope="col">${column.label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${first.of(row)}</th>${rest.map((column) => html`<td>${column.of(row)}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

type Outcome = "start" | "success" | "failure" | "removal";
const outcomes: [Outcome, string][] = [
  ["start", "Started"],
  ["success", "Succeeded"],
  ["failure", "Failed"],
  ["removal", "Removed"],
];
const outcomeColumns = <Row extends Record<Outcome, number>>(): Column<Row>[] =>
  outcomes.map(([what, label]) => ({ label, of: (row) => formatNumber(row[what]) }));

export const dayTable = (days: Stats["days"]) =>
  table("By day", days.toReversed(), [
    { label: "Day", of: (one) => longDate(one.day) },
    { label: "Badges", of: ({ badge }) => formatNumber(badge) },
    { label: "Visits", of: ({ visit }) => formatNumber(visit) },
    ...outcomeColumns<Stats["days"][number]>(),
  ]);

const took = (seconds: number | undefined) => (seconds === undefined ? "–" : duration(seconds * 1000));

export function cloudTable(clouds: Stats["clouds"], nameOf: (id: string) => string): Html | string {
  if (clouds.length === 0) return "";
  return html`<section aria-labelledby="clouds-title"><h2 id="clouds-title">By cloud</h2>
${table("By cloud", clouds, [
  { label: "Cloud", of: ({ id }) => named(id, nameOf) },
  ...outcomeColumns<Stats["clouds"][number]>(),
  { label: "Median", of: ({ seconds }) => took(seconds?.median) },
  { label: "95 % within", of: ({ seconds }) => took(seconds?.p95) },
])}</section>`;
}

const named = (id: string, nameOf: (id: string) => string) =>
  html`<span class="with-tile">${cloudLogo({ id, name: nameOf(id) })}<span>${nameOf(id)}</span></span>`;

/** As above, for rows of which months with few are under "other": nothing is not known to be nothing. */
const toldColumns = <Row extends Record<Outcome, number>>(): Column<Row>[] =>
  outcomes.map(([what, label]) => ({ label, of: (row) => (row[what] === 0 ? "–" : formatNumber(row[what])) }));

const other = html`<span class="quiet">other</span>`;

export function breakdownTables(months: Stats["months"], nameOf: (id: string) => string): Html | string {
  const { regions, versions } = months;
  if (regions.length + versions.length === 0) return "";
  return html`<section aria-labelledby="versions-title"><h2 id="versions-title">By version</h2>
${whole(months)}
${table("By version", versions.slice(0, most), [
  { label: "Version", of: ({ version }) => (version === null ? other : html`<bdi>${version}</bdi>`) },
  ...toldColumns<(typeof versions)[number]>(),
])}</section>
<section aria-labelledby="regions-title"><h2 id="regions-title">By region</h2>
${whole(months)}
${table("By region", regions.slice(0, most), [
  {
    label: "Region",
    of: ({ cloud, region }) => html`${nameOf(cloud)}, ${region === null ? other : html`<bdi>${region}</bdi>`}`,
  },
  ...toldColumns<(typeof regions)[number]>(),
])}</section>`;
}

/** Nobody reads further on a page; JSON and CSV have all. */
const most = 50;

const whole = ({ from, to }: Stats["months"]) =>
  html`<p class="quiet small">Whole months: ${longDate(from)} to ${longDate(to)}. Fewer than five in a month are under “other”.</p>`;

export const siteTable = (months: Stats["months"]): Html | string =>
  months.sites.length === 0
    ? ""
    : html`<h3>Where they came from</h3>${whole(months)}
${table("Visits by site", months.sites.slice(0, most), [
  { label: "Site", of: ({ site }) => (site === null ? other : html`<bdi>${siteNames[site] ?? site}</bdi>`) },
  { label: "Visits", of: ({ visit }) => formatNumber(visit) },
])}`;

const siteNames: Record<string, string> = {
  direct: "directly, or from a page here",
  elsewhere: "an app or a private network",
};

export const durationSection = ({ seconds, spread }: Stats, chart: Html): Html | string =>
  seconds === null
    ? ""
    : html`<section aria-labelledby="times-title"><h2 id="times-title">Time to deploy</h2>
<p>Half of ${formatNumber(seconds.count)} took at most <b>${took(seconds.median)}</b>, 95 of a hundred at most <b>${took(seconds.p95)}</b>.</p>
${chart}
<details class="fold"><summary>The same as a table</summary>${table("Time to deploy", spread, [
        { label: "Took", of: ({ upTo }) => (upTo === null ? "longer than an hour" : `up to ${duration(upTo * 1000)}`) },
        { label: "Deployments", of: ({ count }) => formatNumber(count) },
      ])}</details></section>`;
