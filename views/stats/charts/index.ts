import type { Stats } from "../../../src/data/store/stats.ts";
import { daysOf } from "../../../src/stats/date-range.ts";
import { formatNumber, shortDate } from "../../format.ts";
import { lightColors } from "./colors.ts";
import { type Chart, renderChart, type Size } from "./draw.ts";

/** What can be asked for as `/HOST/OWNER/REPO/stats/NAME.svg`. */
export const chartNames = ["outcomes", "visits", "badges", "times"] as const;
export type ChartName = (typeof chartNames)[number];
export const isChartName = (name: string): name is ChartName => chartNames.some((one) => one === name);

/** For a page, and for a phone. */
export const chartSizes: Record<"wide" | "small", Size> = {
  wide: { width: 696, height: 200 },
  small: { width: 328, height: 180 },
};

export const drawChart = (name: ChartName, stats: Stats, size: keyof typeof chartSizes): Promise<string> =>
  renderChart(charts[name](stats, size === "small"), chartSizes[size]);

const charts: Record<ChartName, (stats: Stats, narrow: boolean) => Chart> = {
  outcomes: (stats, narrow) =>
    overTime(stats, narrow, [
      { what: ["success"], color: lightColors.accent },
      { what: ["failure"], color: lightColors.warn },
    ]),
  visits: (stats, narrow) => overTime(stats, narrow, [{ what: ["visit"], color: lightColors.accent }]),
  badges: (stats, narrow) => overTime(stats, narrow, [{ what: ["badge"], color: lightColors.edge }]),
  times: ({ spread }, narrow) => ({
    ...frame(
      spread.map(({ upTo }) => duration(upTo)),
      narrow,
    ),
    series: [
      { ...bars, barMaxWidth: 64, itemStyle: { color: lightColors.accent }, data: spread.map(({ count }) => count) },
    ],
  }),
};

const bars = { type: "bar" as const, silent: true, emphasis: { disabled: true }, barCategoryGap: "25%" };
type What = "success" | "failure" | "visit" | "badge";

/** Bars by day, or by week where days would be too thin to see. */
function overTime(stats: Stats, narrow: boolean, series: { what: What[]; color: string }[]): Chart {
  const known = new Map(stats.days.map((one) => [one.day, one]));
  const days = daysOf(stats);
  const each = days.length > (narrow ? 60 : 120) ? 7 : 1;
  const weeks = Array.from({ length: Math.ceil(days.length / each) }, (_, n) => days.slice(n * each, n * each + each));
  const sum = (of: string[], what: What[]) =>
    of.reduce((total, day) => total + what.reduce((n, one) => n + (known.get(day)?.[one] ?? 0), 0), 0);
  return {
    ...frame(
      weeks.map(([first = ""]) => shortDate(first)),
      narrow,
    ),
    series: series.map(({ what, color }) => ({
      ...bars,
      stack: "all",
      itemStyle: { color },
      data: weeks.map((of) => sum(of, what)),
    })),
  };
}

function frame(labels: string[], narrow: boolean): Chart {
  const words = { color: lightColors.quiet, fontSize: 12 };
  return {
    grid: { left: 2, right: 8, top: 10, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: labels,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: lightColors.edge } },
      axisLabel: { ...words, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: narrow ? 3 : 4,
      splitLine: { lineStyle: { color: lightColors.line } },
      axisLabel: { ...words, formatter: short },
    },
  };
}

const short = (n: number) => (n >= 1e6 ? `${n / 1e6} M` : n >= 10_000 ? `${n / 1000} k` : formatNumber(n));

/** The upper end of a bar. */
const duration = (seconds: number | null) =>
  seconds === null ? "longer" : seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;
