import { z } from "zod";

const count = z.int().nonnegative();
const outcomes = { start: count, success: count, failure: count, removal: count };
const Numbers = z.object({
  badge: count.meta({ description: "Loads of the badge; image proxies keep copies, so these are not people" }),
  proxy: count.meta({ description: "Of these, by image proxies such as GitHub's" }),
  ignoredBadge: count.meta({ description: "Excluded loads: bots, bursts" }),
  visit: count.meta({ description: "Pages opened by people" }),
  ignoredVisit: count.meta({ description: "Excluded visits: bots, prefetches, bursts" }),
  ...outcomes,
});
const Times = z
  .object({ count, median: z.number(), p95: z.number() })
  .nullable()
  .meta({ description: "Duration of successful deployments in seconds" });
const rate = z.number().nullable().meta({ description: "From 0 to 1; null if the total is zero" });
const fewer = "null: those too few to be told apart";

/** `/HOST/OWNER/REPO/stats` and `stats.json`. */
export const StatsTwin = z.object({
  repo: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  totals: Numbers,
  rates: z.object({ started: rate, succeeded: rate, failed: rate, removed: rate }),
  seconds: Times,
  spread: z.array(z.object({ upTo: z.number().nullable().meta({ description: "Seconds" }), count })),
  days: z.array(Numbers.extend({ day: z.iso.date() })),
  clouds: z.array(z.object({ id: z.string(), ...outcomes, seconds: Times })),
  failures: z.array(
    z.object({
      count,
      last: z.iso.date(),
      message: z.string().meta({ description: "One message of the cloud, without identifying the visitor" }),
      next: z.string().meta({ description: "How to fix it" }),
      fault: z.enum(["app", "cloud", "slipway"]),
      clouds: z.array(z.object({ id: z.string(), count })),
    }),
  ),
  months: z
    .object({
      from: z.iso.date(),
      to: z.iso.date(),
      regions: z.array(
        z.object({ cloud: z.string(), region: z.string().nullable().meta({ description: fewer }), ...outcomes }),
      ),
      versions: z.array(z.object({ version: z.string().nullable().meta({ description: fewer }), ...outcomes })),
      sites: z.array(z.object({ site: z.string().nullable().meta({ description: fewer }), visit: count })),
    })
    .meta({ description: "Full months; fewer than five in a month are grouped" }),
});
