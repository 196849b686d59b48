// What the page has to say of a year, worked out from its facts in the plainest way.
import { type Fact, failures } from "./traffic.ts";

const outcomes = ["start", "success", "failure", "removal"] as const;
const all = ["badge", "proxy", "ignoredBadge", "visit", "ignoredVisit", ...outcomes] as const;
type What = (typeof all)[number];

const sum = (facts: Fact[], which: (fact: Fact) => boolean) =>
  facts.reduce((total, fact) => (which(fact) ? total + fact.times : total), 0);
const distinct = <T>(values: (T | undefined)[]): T[] => [...new Set(values)].filter((value) => value !== undefined);
const numbers = <W extends What>(facts: Fact[], whats: readonly W[], which: (fact: Fact) => boolean) =>
  Object.fromEntries(whats.map((what) => [what, sum(facts, (fact) => fact.what === what && which(fact))])) as Record<
    W,
    number
  >;

function times(facts: Fact[]) {
  const took = facts.flatMap(({ seconds, times }) =>
    Array<number>(seconds === undefined ? 0 : times).fill(seconds ?? 0),
  );
  took.sort((a, b) => a - b);
  const half = took.length / 2;
  const middle = Number.isInteger(half) ? [took[half - 1], took[half]] : [took[Math.floor(half)]];
  const median = middle.reduce<number>((total, one) => total + (one ?? 0), 0) / middle.length;
  return took.length === 0 ? null : { count: took.length, median, p95: took[Math.ceil(took.length * 0.95) - 1] };
}

/** Five of a month and more are told; the rest is "other", and with it what would give it away. */
function told(facts: Fact[], nameOf: (fact: Fact) => string | undefined) {
  const rows = new Map<string, Record<(typeof outcomes)[number], number>>();
  for (const value of distinct(facts.map(nameOf)))
    for (const month of distinct(facts.map(({ day }) => day.slice(0, 7)))) {
      const of = numbers(facts, outcomes, (fact) => nameOf(fact) === value && fact.day.startsWith(month));
      const shown = Object.fromEntries(outcomes.map((what) => [what, of[what] < 5 ? 0 : of[what]])) as typeof of;
      const open = shown.start - shown.success - shown.failure;
      if (shown.start > 0 && open > 0 && open < 5) shown.start -= open;
      const before = rows.get(value) ?? { start: 0, success: 0, failure: 0, removal: 0 };
      rows.set(value, Object.fromEntries(outcomes.map((what) => [what, before[what] + shown[what]])) as typeof of);
    }
  const named = [...rows].filter(([, row]) => outcomes.some((what) => row[what] > 0));
  const whole = numbers(facts, outcomes, (fact) => nameOf(fact) !== undefined);
  const other = { ...whole };
  for (const [, row] of named) for (const what of outcomes) other[what] -= row[what];
  return { named, other: outcomes.some((what) => other[what] > 0) ? other : null };
}

/** As `/stats.json` has it, for a range of whole months. Rows that have no order among them are in any. */
export function truthOf(facts: Fact[]) {
  const totals = numbers(facts, all, () => true);
  const versions = told(facts, ({ version }) => version);
  const visits = facts.filter(({ what }) => what === "visit");
  const bySite = distinct(visits.map(({ site }) => site)).map((site) => {
    const months = distinct(visits.map(({ day }) => day.slice(0, 7)));
    const ofMonth = months.map((month) => sum(visits, (fact) => fact.site === site && fact.day.startsWith(month)));
    return { site: site as string | null, visit: ofMonth.filter((n) => n >= 5).reduce((a, b) => a + b, 0) };
  });
  const otherSites = totals.visit - bySite.reduce((n, { visit }) => n + visit, 0);
  return {
    totals,
    seconds: times(facts),
    days: distinct(facts.map(({ day }) => day))
      .sort()
      .map((day) => ({ day, ...numbers(facts, all, (fact) => fact.day === day) })),
    clouds: distinct(facts.map(({ cloud }) => cloud)).map((id) => {
      const here = facts.filter(({ cloud }) => cloud === id);
      return { id, ...numbers(here, outcomes, () => true), seconds: times(here) };
    }),
    regions: distinct(facts.map(({ cloud }) => cloud)).flatMap((cloud) => {
      const { named, other } = told(facts, (fact) => (fact.cloud === cloud ? fact.region : undefined));
      const rows = named.map(([region, row]) => ({ cloud, region: region as string | null, ...row }));
      return other ? [...rows, { cloud, region: null, ...other }] : rows;
    }),
    versions: [
      ...versions.named.map(([version, row]) => ({ version: version as string | null, ...row })),
      ...(versions.other ? [{ version: null, ...versions.other }] : []),
    ],
    sites: [...bySite.filter(({ visit }) => visit > 0), ...(otherSites ? [{ site: null, visit: otherSites }] : [])],
    failures: failures.flatMap(({ fault }, index) => {
      const those = facts.filter(({ failure }) => failure === index);
      const ids = distinct(those.map(({ cloud }) => cloud)).sort();
      const clouds = ids.map((id) => ({ id, count: sum(those, ({ cloud }) => cloud === id) }));
      return those.length === 0 ? [] : [{ fault, count: sum(those, () => true), clouds }];
    }),
  };
}
