import type { Plan } from "../../src/plan.ts";
import { longDate, money } from "../format.ts";
import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";

interface PlanSectionProps {
  path: string;
  query: string;
  cloud: { id: string; billed: boolean; regions: { id: string; name: string }[] };
  plan: Plan;
  presets: { id: string; name: string; note: string }[];
}

/** The price of each resource, with the choices that change it. */
export const planSection = (page: PlanSectionProps) => html`<section id="plan" aria-labelledby="plan-title">
<div class="section-head"><h2 id="plan-title">What will be created</h2>
<p class="quiet">${choiceSummary(page)}</p></div>
${priceTable(page.plan, page.cloud.billed)}
${page.presets.length > 1 || page.cloud.regions.length > 1 ? choiceForm(page) : ""}
</section>`;

function choiceSummary({ cloud, plan, presets }: PlanSectionProps): string {
  const region = cloud.regions.find(({ id }) => id === plan.region)?.name ?? plan.region;
  const preset = presets.find(({ id }) => id === plan.preset)?.name ?? plan.preset;
  return cloud.regions.length > 1 || presets.length > 1 ? `${preset} · ${region}` : region;
}

const priceTable = ({ lines, monthly, asOf }: Plan, billed: boolean): Html => html`<table class="bill">
<thead><tr><th scope="col"><span class="unseen">What</span></th><th scope="col"><span class="unseen">Price per month</span></th></tr></thead>
<tbody>${lines.map(
  (
    line,
  ) => html`<tr><th scope="row"><span dir="auto">${line.what}</span>${line.for ? html` <span class="quiet small">for <span dir="auto">${line.for}</span></span>` : ""}</th>
<td>${money(line.monthly, billed)}</td></tr>`,
)}</tbody>
<tfoot><tr><th scope="row">${billed ? html`Total per month, list prices of ${longDate(asOf)}` : "Total"}</th><td>${money(monthly, billed)}</td></tr></tfoot>
</table>
${billed ? html`<p class="quiet small">Excludes tax, traffic and free tiers. ${lines.some((line) => line.monthly === null) ? "Unknown prices are not in the total." : ""}</p>` : ""}`;

const choiceForm = ({
  path,
  query,
  cloud,
  plan,
  presets,
}: PlanSectionProps) => html`<form class="choices" action="${safeUrl(`${path}/${cloud.id}`)}" method="get">
${hiddenQueryFields(query)}
${
  cloud.regions.length > 1
    ? html`<div class="field"><label for="region">Region</label>
<select id="region" name="region">${cloud.regions.map(({ id, name }) => html`<option value="${id}" ${id === plan.region ? "selected" : ""}>${name}</option>`)}</select></div>`
    : html`<input type="hidden" name="region" value="${plan.region}">`
}
${
  presets.length > 1
    ? html`<fieldset class="field"><legend>Size</legend><div class="presets">${presets.map(
        ({ id, name, note }, index) =>
          html`<label class="preset" for="preset-${index}"><input type="radio" id="preset-${index}" name="preset" value="${id}" ${id === plan.preset ? "checked" : ""}><span><b>${name}</b> <span class="quiet small">${note}</span></span></label>`,
      )}</div></fieldset>`
    : html`<input type="hidden" name="preset" value="${plan.preset}">`
}
<button type="submit">Update plan</button>
</form>`;

/** A GET form drops the query of its action, so the query becomes hidden fields. */
const hiddenQueryFields = (query: string) =>
  [...new URLSearchParams(query)]
    .filter(([name]) => name !== "region" && name !== "preset")
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
