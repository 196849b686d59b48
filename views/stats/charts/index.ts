import type { Stats } from "../../../src/data/store/stats.ts";
import { daysOf } from "../../../src/stats/date-range.ts";
import { formatNumber, shortDate } from "../../format.ts";
import { lightColors } from "./colors.ts";
import { type Chart, renderChart, type Size } from "./draw.ts";

/** The charts at `/HOST/OWNER/REPO/stats/NAME.svg`. */
export const chartNames = ["outcomes", "visits", "badges", "times"] as const;
export type ChartName = (typeof chartNames)[number];
export const isChartName = (name: string): name is ChartName => chartNames.some((chartName) => chartName === name);

// For wide and narrow screens.
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
    ...axes(
      spread.map(({ upTo }) => durationLabel(upTo)),
      narrow,
    ),
    series: [
      {
        ...barStyle,
        barMaxWidth: 64,
        itemStyle: { color: lightColors.accent },
        data: spread.map(({ count }) => count),
      },
    ],
  }),
};

const barStyle = { type: "bar" as const, silent: true, emphasis: { disabled: true }, barCategoryGap: "25%" };
type CountedEvent = "success" | "failure" | "visit" | "badge";

/** Bars by day, or by week if days would be too thin. */
function overTime(stats: Stats, narrow: boolean, series: { what: CountedEvent[]; color: string }[]): Chart {
  const countsByDay = new Map(stats.days.map((counts) => [counts.day, counts]));
  const days = daysOf(stats);
  const daysPerBar = days.length > (narrow ? 60 : 120) ? 7 : 1;
  const groups = Array.from({ length: Math.ceil(days.length / daysPerBar) }, (_, n) =>
    days.slice(n * daysPerBar, n * daysPerBar + daysPerBar),
  );
  const sumCounts = (days: string[], what: CountedEvent[]) =>
    days.reduce((total, day) => total + what.reduce((n, event) => n + (countsByDay.get(day)?.[event] ?? 0), 0), 0);
  return {
    ...axes(
      groups.map(([first = ""]) => shortDate(first)),
      narrow,
    ),
    series: series.map(({ what, color }) => ({
      ...barStyle,
      stack: "all",
      itemStyle: { color },
      data: groups.map((group) => sumCounts(group, what)),
    })),
  };
}

function axes(labels: string[], narrow: boolean): Chart {
  const textStyle = { color: lightColors.quiet, fontSize: 12 };
  return {
    grid: { left: 2, right: 8, top: 10, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: labels,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: lightColors.edge } },
      axisLabel: { ...textStyle, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: narrow ? 3 : 4,
      splitLine: { lineStyle: { color: lightColors.line } },
      axisLabel: { ...textStyle, formatter: abbreviate },
    },
  };
}

const abbreviate = (n: number) => (n >= 1e6 ? `${n / 1e6} M` : n >= 10_000 ? `${n / 1000} k` : formatNumber(n));

/** The label of a bar: its upper bound. */
const durationLabel = (seconds: number | null) =>
  seconds === null ? "longer" : seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;
