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
const nothing: Numbers = { badge: 0, proxy: 0, ignoredBadge: 0, visit: 0, ignoredVisit: 0, ...noOutcome };

/** All that is known of a repository in a range of days; quiet days are left out. */
export function statsOf(db: Db, repo: string, { from, to }: Range) {
  const days = new Map<string, Numbers>();
  const clouds = new Map<string, Outcomes>();
  const totals = { ...nothing };
  for (const { day, cloud, what, count } of countsOf(db, repo, from, to)) {
    totals[what] += count;
    const that = days.get(day) ?? { ...nothing };
    that[what] += count;
    days.set(day, that);
    if (cloud && what in noOutcome) {
      const there = clouds.get(cloud) ?? { ...noOutcome };
      there[what as keyof Outcomes] += count;
      clouds.set(cloud, there);
    }
  }
  const took = durationsOf(db, repo, from, to);
  const broken = Map.groupBy(breakdownsOf(db, repo, from, to), ({ by }) => by);
  const versions = suppressSmallCounts((broken.get("version") ?? []) as Cell<keyof Outcomes>[]);
  const sites = suppressSmallCounts((broken.get("site") ?? []) as Cell<"visit">[]);
  return {
    from,
    to,
    totals,
    rates: ratesOf(totals),
    seconds: durationStats(took),
    spread: histogram(took),
    days: [...days].map(([day, numbers]) => ({ day, ...numbers })),
    clouds: [...clouds]
      .map(([id, outcomes]) => ({ id, ...outcomes, seconds: durationStats(took.filter(({ cloud }) => cloud === id)) }))
      .sort((a, b) => b.start - a.start || (a.id < b.id ? -1 : 1)),
    failures: reasonsOf(db, repo, from, to),
    /** What is told by whole months, without what is too little to be told apart. */
    months: {
      ...monthsOf({ from, to }),
      regions: regionsOf((broken.get("region") ?? []) as Cell<keyof Outcomes>[]),
      versions: rowsOf(versions, (version) => ({ version })),
      sites: [...sites.rows]
        .map(([site, { visit = 0 }]): { site: string | null; visit: number } => ({ site, visit }))
        .sort((a, b) => b.visit - a.visit)
        .concat(sites.other.visit ? [{ site: null, visit: sites.other.visit }] : []),
    },
  };
}

/** How many of those who could went on, from 0 to 1; null where nobody could. */
function ratesOf({ visit, start, success, failure, removal }: Numbers) {
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    started: share(start, visit),
    succeeded: share(success, start),
    failed: share(failure, start),
    removed: share(removal, start),
  };
}

/** Largest first; what is not told apart comes last, with null for its name. */
function rowsOf<Name extends object>({ rows, other }: Folded<keyof Outcomes>, nameOf: (value: string | null) => Name) {
  const told = [...rows].map(([value, counts]) => ({ ...nameOf(value), ...noOutcome, ...counts }));
  told.sort((a, b) => b.start - a.start || b.success - a.success);
  return Object.keys(other).length > 0 ? [...told, { ...nameOf(null), ...noOutcome, ...other }] : told;
}

/** Each cloud's regions, with a rest of its own: one rest for all could be told apart by the clouds' sums. */
function regionsOf(cells: Cell<keyof Outcomes>[]) {
  const byCloud = Map.groupBy(cells, ({ value }) => value.split("/")[0] ?? "");
  return [...byCloud].flatMap(([cloud, ofCloud]) =>
    rowsOf(suppressSmallCounts(ofCloud), (value) => ({ cloud, region: value?.slice(cloud.length + 1) ?? null })),
  );
}
