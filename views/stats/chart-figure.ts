import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";
import { chartSizes } from "./charts/index.ts";

interface Figure {
  /** What it shows, in words. */
  label: string;
  keys: Html | string;
  /** Where it is; with `&size=` behind it, in that size. */
  src: string;
}

/** A chart as an image; on a phone another one, whose words are as large. The table beside it has its numbers. */
export const chartFigure = ({ label, keys, src }: Figure): Html => html`<figure class="chart">
<figcaption><span>${label}</span> ${keys}</figcaption>
<picture><source media="(max-width: 44rem)" srcset="${safeUrl(`${src}&size=small`)}" width="${chartSizes.small.width}" height="${chartSizes.small.height}">
<img src="${safeUrl(`${src}&size=wide`)}" alt="Chart: ${label}. The table has its numbers." width="${chartSizes.wide.width}" height="${chartSizes.wide.height}" decoding="async"></picture>
</figure>`;
