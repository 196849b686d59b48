import type { Mark } from "../../badges/logos.ts";
import type { Stats } from "../../src/data/store/stats.ts";
import { autolink } from "../autolink.ts";
import { formatNumber, longDate, percent, plural } from "../format.ts";
import { type Html, html } from "../html.ts";

type Failure = Stats["failures"][number];
const maxShown = 6;

const faultLabels: Record<Failure["fault"], string> = { app: "the app", cloud: "the cloud", slipway: "Slipway" };
const adviceLabels: Record<Failure["fault"], string> = {
  app: "Fix in the repository: ",
  cloud: "Advice shown to the visitor: ",
  slipway: "Advice shown to the visitor: ",
};

/** The most frequent failures, each with its count, the cloud's message and what to do. */
export function failureList(
  failures: Failure[],
  total: number,
  cloudOf: (id: string) => { name: string; mark?: Mark },
): Html | string {
  if (failures.length === 0) return "";
  const shown = failures.slice(0, maxShown);
  const remainder = failures.slice(maxShown).reduce((sum, { count }) => sum + count, 0);
  return html`<section aria-labelledby="failures-title"><h2 id="failures-title">Why deployments failed</h2>
<ol class="notes">${shown.map(
    (failure) => html`<li class="note"${failure.fault === "app" ? html` data-kind="problem"` : ""}>
<p><b>${formatNumber(failure.count)}</b> <span class="quiet">(${percent(total > 0 ? failure.count / total : 0)})</span> on ${failure.clouds.length === 1 ? cloudOf(failure.clouds[0]?.id ?? "").name : failure.clouds.map(({ id, count }, index) => `${index > 0 ? ", " : ""}${cloudOf(id).name} ${formatNumber(count)}`)}, last on ${longDate(failure.last)} <span class="tag" data-kind="quiet">${faultLabels[failure.fault]}</span></p>
<blockquote dir="auto">${failure.message}</blockquote>
${failure.next ? html`<p class="fix">${adviceLabels[failure.fault]}${autolink(failure.next)}</p>` : ""}</li>`,
  )}</ol>
${remainder > 0 ? html`<p class="quiet">${plural(remainder, "more failure")} of other kinds: see the JSON and CSV below.</p>` : ""}</section>`;
}
