import { monthsOf, type Range } from "../../stats/date-range.ts";
import { durationStats, histogram } from "../../stats/durations.ts";
import { type Cell, type Folded, suppressSmallCounts } from "../../stats/small-counts.ts";
import type { Db } from "../db.ts";
import type { Countable } from "../schema.ts";
import { breakdownsOf } from "./breakdowns.ts";
import { countsOf } from "./counts.ts";
import { durationsOf, reasonsOf } from "./outcomes.ts";

export type Numbers = Record<Countable, number>;
export type Outcomes = Pick<Numbers, "start" | "success" | "failure" | "removal">;
export type Stats = ReturnType<typeof statsOf>;

const noOutcome: Outcomes = { start: 0, success: 0, failure: 0, removal: 0 };
const noNumbers: Numbers = { badge: 0, proxy: 0, ignoredBadge: 0, visit: 0, ignoredVisit: 0, ...noOutcome };

/** Returns a repository's statistics for a range of days; days without counts are left out. */
export function statsOf(db: Db, repo: string, { from, to }: Range) {
  const days = new Map<string, Numbers>();
  const clouds = new Map<string, Outcomes>();
  const totals = { ...noNumbers };
  for (const { day, cloud, what, count } of countsOf(db, repo, from, to)) {
    totals[what] += count;
    const numbers = days.get(day) ?? { ...noNumbers };
    numbers[what] += count;
    days.set(day, numbers);
    if (cloud && what in noOutcome) {
      const outcomes = clouds.get(cloud) ?? { ...noOutcome };
      outcomes[what as keyof Outcomes] += count;
      clouds.set(cloud, outcomes);
    }
  }
  const durations = durationsOf(db, repo, from, to);
  const byDimension = Map.groupBy(breakdownsOf(db, repo, from, to), ({ by }) => by);
  const versions = suppressSmallCounts((byDimension.get("version") ?? []) as Cell<keyof Outcomes>[]);
  const sites = suppressSmallCounts((byDimension.get("site") ?? []) as Cell<"visit">[]);
  return {
    from,
    to,
    totals,
    rates: ratesOf(totals),
    seconds: durationStats(durations),
    spread: histogram(durations),
    days: [...days].map(([day, numbers]) => ({ day, ...numbers })),
    clouds: [...clouds]
      .map(([id, outcomes]) => ({
        id,
        ...outcomes,
        seconds: durationStats(durations.filter(({ cloud }) => cloud === id)),
      }))
      .sort((a, b) => b.start - a.start || (a.id < b.id ? -1 : 1)),
    failures: reasonsOf(db, repo, from, to),
    /** Breakdowns by whole months, with small counts suppressed. */
    months: {
      ...monthsOf({ from, to }),
      regions: regionsOf((byDimension.get("region") ?? []) as Cell<keyof Outcomes>[]),
      versions: rowsOf(versions, (version) => ({ version })),
      sites: [...sites.rows]
        .map(([site, { visit = 0 }]): { site: string | null; visit: number } => ({ site, visit }))
        .sort((a, b) => b.visit - a.visit)
        .concat(sites.other.visit ? [{ site: null, visit: sites.other.visit }] : []),
    },
  };
}

/** Returns conversion rates from 0 to 1; null where the base is 0. */
function ratesOf({ visit, start, success, failure, removal }: Numbers) {
  const rate = (part: number, total: number) => (total > 0 ? part / total : null);
  return {
    started: rate(start, visit),
    succeeded: rate(success, start),
    failed: rate(failure, start),
    removed: rate(removal, start),
  };
}

/** Returns rows, largest first; the suppressed remainder comes last, with null for its name. */
function rowsOf<Name extends object>({ rows, other }: Folded<keyof Outcomes>, nameOf: (value: string | null) => Name) {
  const named = [...rows].map(([value, counts]) => ({ ...nameOf(value), ...noOutcome, ...counts }));
  named.sort((a, b) => b.start - a.start || b.success - a.success);
  return Object.keys(other).length > 0 ? [...named, { ...nameOf(null), ...noOutcome, ...other }] : named;
}

/** Returns each cloud's regions with a remainder per cloud: a common one could be deduced from the clouds' sums. */
function regionsOf(cells: Cell<keyof Outcomes>[]) {
  const byCloud = Map.groupBy(cells, ({ value }) => value.split("/")[0] ?? "");
  return [...byCloud].flatMap(([cloud, ofCloud]) =>
    rowsOf(suppressSmallCounts(ofCloud), (value) => ({ cloud, region: value?.slice(cloud.length + 1) ?? null })),
  );
}
