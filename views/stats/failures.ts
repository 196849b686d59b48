import type { Stats } from "../../src/data/store/stats.ts";
import { autolink } from "../autolink.ts";
import { formatNumber, longDate, percent, plural } from "../format.ts";
import { type Html, html } from "../html.ts";

type Failed = Stats["failures"][number];
const most = 6;

const blame: Record<Failed["fault"], string> = { app: "the app", cloud: "the cloud", slipway: "Slipway" };
const cure: Record<Failed["fault"], string> = {
  app: "What to change in the repository: ",
  cloud: "What the visitor was told: ",
  slipway: "What the visitor was told: ",
};

/** Why deployments failed, most frequent first: how often, in the cloud's words, and what would mend it. */
export function failureList(failures: Failed[], total: number, nameOf: (id: string) => string): Html | string {
  if (failures.length === 0) return "";
  const shown = failures.slice(0, most);
  const rest = failures.slice(most).reduce((sum, { count }) => sum + count, 0);
  return html`<section aria-labelledby="failures-title"><h2 id="failures-title">Why they failed</h2>
<ol class="notes">${shown.map(
    (one) => html`<li class="note"${one.fault === "app" ? html` data-kind="problem"` : ""}>
<p><b>${formatNumber(one.count)}</b> <span class="quiet">(${percent(total > 0 ? one.count / total : 0)})</span> on ${one.clouds.length === 1 ? nameOf(one.clouds[0]?.id ?? "") : one.clouds.map(({ id, count }, index) => `${index > 0 ? ", " : ""}${nameOf(id)} ${formatNumber(count)}`)}, last on ${longDate(one.last)} <span class="tag" data-kind="quiet">${blame[one.fault]}</span></p>
<blockquote dir="auto">${one.message}</blockquote>
${one.next ? html`<p class="fix">${cure[one.fault]}${autolink(one.next)}</p>` : ""}</li>`,
  )}</ol>
${rest > 0 ? html`<p class="quiet">${plural(rest, "more failure")} of rarer kinds: in the JSON and CSV below.</p>` : ""}</section>`;
}
