import { type Html, html } from "./html.ts";
import { day, number, plural } from "./phrases.ts";

interface Bar {
  day: string;
  success: number;
  failure: number;
}

const HEIGHT = 100;
const SLOT = 10;
const FEWEST = 30;
const MOST = 120;
const DAY = 86_400_000;

/** Installs by day, what succeeded below what failed. The table beside it says the same in words. */
export function chart(counted: Bar[]): Html {
  const days = calendar(counted);
  const top = Math.max(1, ...days.map(({ success, failure }) => success + failure));
  const sum = (key: "success" | "failure") => days.reduce((total, bar) => total + bar[key], 0);
  const [first, last] = [day(days[0]?.day ?? ""), day(days.at(-1)?.day ?? "")];
  return html`<figure class="chart">
<figcaption><b>Installs by day</b> <span class="key" data-kind="success">succeeded</span> <span class="key" data-kind="failure">failed</span></figcaption>
<div><span class="quiet small" aria-hidden="true">${number(top)}</span>
<svg viewBox="0 0 ${days.length * SLOT} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${first} to ${last}: ${number(sum("success"))} succeeded, ${number(sum("failure"))} failed; at most ${number(top)} in a day">
${days.map((bar, index) => bars(bar, index * SLOT, HEIGHT / top))}
</svg></div>
<p class="chart-ends quiet small" aria-hidden="true"><span>${first}</span><span>${last}</span></p>
</figure>`;
}

/** Every day up to the last that was counted, quiet ones too: at least a month, at most four. */
function calendar(counted: Bar[]): Bar[] {
  const known = new Map(counted.map((bar) => [bar.day, bar]));
  const end = Date.parse(counted.at(-1)?.day ?? "");
  const start = Date.parse(counted[0]?.day ?? "");
  const length = Math.min(MOST, Math.max(FEWEST, (end - start) / DAY + 1));
  return Array.from({ length }, (_, index) => {
    const name = new Date(end - (length - 1 - index) * DAY).toISOString().slice(0, 10);
    return known.get(name) ?? { day: name, success: 0, failure: 0 };
  });
}

function bars({ day: when, success, failure }: Bar, x: number, unit: number): Html {
  const rect = (kind: string, from: number, count: number) =>
    html`<rect class="bar" data-kind="${kind}" x="${x + 1.5}" width="${SLOT - 3}" y="${(HEIGHT - (from + count) * unit).toFixed(2)}" height="${(count * unit).toFixed(2)}"/>`;
  if (success + failure === 0) return html``;
  return html`<g><title>${day(when)}: ${plural(success, "install")} succeeded, ${number(failure)} failed</title>
${success > 0 ? rect("success", 0, success) : ""}${failure > 0 ? rect("failure", success, failure) : ""}</g>`;
}
