import { type Html, html } from "./html.ts";
import { day, number, plural } from "./phrases.ts";

interface Bar {
  day: string;
  success: number;
  failure: number;
}

const HEIGHT = 100;
const SLOT = 10;

/** Installs by day, what succeeded below what failed. The table beside it says the same in words. */
export function chart(days: Bar[]): Html {
  const top = Math.max(1, ...days.map(({ success, failure }) => success + failure));
  const width = days.length * SLOT;
  const total = days.reduce((sum, { success, failure }) => [(sum[0] ?? 0) + success, (sum[1] ?? 0) + failure], [0, 0]);
  const span =
    days.length === 1 ? day(days[0]?.day ?? "") : `${day(days[0]?.day ?? "")} to ${day(days.at(-1)?.day ?? "")}`;
  return html`<figure class="chart">
<figcaption><b>Installs by day</b> <span class="key" data-kind="success">succeeded</span> <span class="key" data-kind="failure">failed</span></figcaption>
<div class="chart-area"><span class="chart-top quiet small" aria-hidden="true">${number(top)}</span>
<svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${span}: ${number(total[0] ?? 0)} succeeded, ${number(total[1] ?? 0)} failed; at most ${number(top)} in a day">
${days.map((bar, index) => bars(bar, index * SLOT, HEIGHT / top))}
</svg></div>
<p class="chart-ends quiet small" aria-hidden="true"><span>${day(days[0]?.day ?? "")}</span>${days.length > 1 ? html`<span>${day(days.at(-1)?.day ?? "")}</span>` : ""}</p>
</figure>`;
}

function bars({ day: when, success, failure }: Bar, x: number, unit: number): Html {
  const rect = (kind: string, from: number, count: number) =>
    html`<rect class="bar" data-kind="${kind}" x="${x + 1.5}" width="${SLOT - 3}" y="${(HEIGHT - (from + count) * unit).toFixed(2)}" height="${(count * unit).toFixed(2)}"/>`;
  return html`<g><title>${day(when)}: ${plural(success, "install")} succeeded, ${number(failure)} failed</title>
${success > 0 ? rect("success", 0, success) : ""}${failure > 0 ? rect("failure", success, failure) : ""}</g>`;
}
