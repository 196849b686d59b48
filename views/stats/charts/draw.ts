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

let echartsPromise: Promise<typeof import("echarts/core")> | undefined;

// Loaded on first use: it costs half a second and 50 MB.
async function loadEcharts() {
  const [core, charts, components, renderers] = await Promise.all([
    import("echarts/core"),
    import("echarts/charts"),
    import("echarts/components"),
    import("echarts/renderers"),
  ]);
  core.use([charts.BarChart, charts.LineChart, components.GridComponent, renderers.SVGRenderer]);
  return core;
}

/** Renders a chart as a self-contained SVG that follows the color scheme. */
export async function renderChart(options: Chart, { width, height }: Size): Promise<string> {
  echartsPromise ??= loadEcharts();
  const echarts = await echartsPromise;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...options });
    const svg = safeSvg(chart.renderToSVGString({ useViewBox: true }));
    if (svg === null) throw new Error("ECharts rendered markup that is not a plain SVG drawing");
    return svg.replace(">", `>${styleElement}`);
  } finally {
    chart.dispose();
  }
}

const darkRules = (Object.keys(lightColors) as (keyof typeof lightColors)[]).map((name) => {
  return `[fill="${lightColors[name]}"]{fill:${darkColors[name]}}[stroke="${lightColors[name]}"]{stroke:${darkColors[name]}}`;
});
const styleElement = `<style>text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}@media (prefers-color-scheme:dark){${darkRules.join("")}}</style>`;
