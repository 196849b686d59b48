import type { Mark } from "../../badges/logos.ts";
import type { Stats } from "../../src/data/store/stats.ts";
import { duration, formatNumber, longDate, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { cloudLogo } from "../logo.ts";

interface TableColumn<Row> {
  label: string;
  cell: (row: Row) => string | Html;
}

/** The data of a chart as a table. The first column is the row header. */
function table<Row>(
  label: string,
  rows: Row[],
  [first, ...otherColumns]: [TableColumn<Row>, ...TableColumn<Row>[]],
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="counts">
<thead><tr><th scope="col">${first.label}</th>${otherColumns.map((column) => html`<th scope="col">${column.label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${first.cell(row)}</th>${otherColumns.map((column) => html`<td>${column.cell(row)}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

type Outcome = "start" | "success" | "failure" | "removal";
const outcomes: [Outcome, string][] = [
  ["start", "Started"],
  ["success", "Succeeded"],
  ["failure", "Failed"],
  ["removal", "Removed"],
];
const outcomeColumns = <Row extends Record<Outcome, number>>(): TableColumn<Row>[] =>
  outcomes.map(([outcome, label]) => ({ label, cell: (row) => formatNumber(row[outcome]) }));

export const dayTable = (days: Stats["days"]) =>
  table("By day", days.toReversed(), [
    { label: "Day", cell: (row) => longDate(row.day) },
    { label: "Badges", cell: ({ badge }) => formatNumber(badge) },
    { label: "Visits", cell: ({ visit }) => formatNumber(visit) },
    ...outcomeColumns<Stats["days"][number]>(),
  ]);

const formatSeconds = (seconds: number | undefined) => (seconds === undefined ? "–" : duration(seconds * 1000));

export function cloudTable(
  clouds: Stats["clouds"],
  cloudOf: (id: string) => { name: string; mark?: Mark },
): Html | string {
  if (clouds.length === 0) return "";
  return html`<section aria-labelledby="clouds-title"><h2 id="clouds-title">By cloud</h2>
${table("By cloud", clouds, [
  { label: "Cloud", cell: ({ id }) => cloudCell(id, cloudOf) },
  ...outcomeColumns<Stats["clouds"][number]>(),
  { label: "Median", cell: ({ seconds }) => formatSeconds(seconds?.median) },
  { label: "95th percentile", cell: ({ seconds }) => formatSeconds(seconds?.p95) },
])}</section>`;
}

const cloudCell = (id: string, cloudOf: (id: string) => { name: string; mark?: Mark }) =>
  html`<span class="with-tile">${cloudLogo(cloudOf(id))}<span>${cloudOf(id).name}</span></span>`;

/** Like `outcomeColumns`, for rows whose small months are counted under "other": zero may not mean none. */
const maskedColumns = <Row extends Record<Outcome, number>>(): TableColumn<Row>[] =>
  outcomes.map(([outcome, label]) => ({
    label,
    cell: (row) => (row[outcome] === 0 ? "–" : formatNumber(row[outcome])),
  }));

const otherLabel = html`<span class="quiet">other</span>`;

export function breakdownTables(
  months: Stats["months"],
  cloudOf: (id: string) => { name: string; mark?: Mark },
): Html | string {
  const { regions, versions } = months;
  if (regions.length + versions.length === 0) return "";
  return html`<section aria-labelledby="versions-title"><h2 id="versions-title">By version</h2>
${monthsNote(months)}
${table("By version", versions.slice(0, maxRows), [
  { label: "Version", cell: ({ version }) => (version === null ? otherLabel : html`<bdi>${version}</bdi>`) },
  ...maskedColumns<(typeof versions)[number]>(),
])}</section>
<section aria-labelledby="regions-title"><h2 id="regions-title">By region</h2>
${monthsNote(months)}
${table("By region", regions.slice(0, maxRows), [
  {
    label: "Region",
    cell: ({ cloud, region }) =>
      html`${cloudOf(cloud).name}, ${region === null ? otherLabel : html`<bdi>${region}</bdi>`}`,
  },
  ...maskedColumns<(typeof regions)[number]>(),
])}</section>`;
}

// JSON and CSV have every row.
const maxRows = 50;

const monthsNote = ({ from, to }: Stats["months"]) =>
  html`<p class="quiet small">Whole months: ${longDate(from)} to ${longDate(to)}. Fewer than five in a month are grouped as “other”.</p>`;

export const siteTable = (months: Stats["months"]): Html | string =>
  months.sites.length === 0
    ? ""
    : html`<h3>Referrers</h3>${monthsNote(months)}
${table("Visits by site", months.sites.slice(0, maxRows), [
  { label: "Site", cell: ({ site }) => (site === null ? otherLabel : html`<bdi>${siteNames[site] ?? site}</bdi>`) },
  { label: "Visits", cell: ({ visit }) => formatNumber(visit) },
])}`;

const siteNames: Record<string, string> = {
  direct: "direct, or from this site",
  elsewhere: "app or private network",
};

export const durationSection = ({ seconds, spread }: Stats, chart: Html): Html | string =>
  seconds === null
    ? ""
    : html`<section aria-labelledby="times-title"><h2 id="times-title">Time to deploy</h2>
<p>Median <b>${formatSeconds(seconds.median)}</b>, 95th percentile <b>${formatSeconds(seconds.p95)}</b>, of ${plural(seconds.count, "deployment")}.</p>
${chart}
<details class="fold"><summary>Show as a table</summary>${table("Time to deploy", spread, [
        {
          label: "Duration",
          cell: ({ upTo }) => (upTo === null ? "longer than an hour" : `up to ${duration(upTo * 1000)}`),
        },
        { label: "Deployments", cell: ({ count }) => formatNumber(count) },
      ])}</details></section>`;
