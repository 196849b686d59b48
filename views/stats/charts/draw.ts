import type { BarSeriesOption, LineSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { darkColors, lightColors } from "./colors.ts";
import { safeSvg } from "./safe-svg.ts";

export type Chart = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption>;
export interface Size {
  width: number;
  height: number;
}

let loading: Promise<typeof import("echarts/core")> | undefined;

/** Half a second and 50 MB, for those who look at a chart. */
async function load() {
  const [core, charts, components, renderers] = await Promise.all([
    import("echarts/core"),
    import("echarts/charts"),
    import("echarts/components"),
    import("echarts/renderers"),
  ]);
  core.use([charts.BarChart, charts.LineChart, components.GridComponent, renderers.SVGRenderer]);
  return core;
}

/** A chart as an SVG that stands by itself, in light and dark. */
export async function renderChart(chart: Chart, { width, height }: Size): Promise<string> {
  loading ??= load();
  const echarts = await loading;
  const one = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    one.setOption({ animation: false, ...chart });
    const drawn = safeSvg(one.renderToSVGString({ useViewBox: true }));
    if (drawn === null) throw new Error("a chart came out as something else than a drawing");
    return drawn.replace(">", `>${style}`);
  } finally {
    one.dispose();
  }
}

const inDark = (Object.keys(lightColors) as (keyof typeof lightColors)[]).map((name) => {
  return `[fill="${lightColors[name]}"]{fill:${darkColors[name]}}[stroke="${lightColors[name]}"]{stroke:${darkColors[name]}}`;
});
const style = `<style>text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}@media (prefers-color-scheme:dark){${inDark.join("")}}</style>`;
