import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";
import { chartSizes } from "./charts/index.ts";

interface Figure {
  /** What the chart shows, as text. */
  label: string;
  legend: Html | string;
  /** URL of the image; `&size=` is appended. */
  src: string;
}

/** A chart as an image. Narrow screens get their own image, so that its text is not scaled down. */
export const chartFigure = ({ label, legend, src }: Figure): Html => html`<figure class="chart">
<figcaption><span>${label}</span> ${legend}</figcaption>
<picture><source media="(max-width: 44rem)" srcset="${safeUrl(`${src}&size=small`)}" width="${chartSizes.small.width}" height="${chartSizes.small.height}">
<img src="${safeUrl(`${src}&size=wide`)}" alt="Chart: ${label}. See the table for the numbers." width="${chartSizes.wide.width}" height="${chartSizes.wide.height}" decoding="async"></picture>
</figure>`;
