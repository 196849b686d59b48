import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress } from "../../src/network/client-network.ts";
import { toCsv } from "../../src/stats/csv.ts";
import { daysOf, monthsOf, rangeOf } from "../../src/stats/date-range.ts";
import { durationStats, histogram } from "../../src/stats/durations.ts";
import { createRateLimiter, limits } from "../../src/stats/rate-limit.ts";
import { referrerSite } from "../../src/stats/referrer.ts";
import { type Cell, suppressionThreshold, suppressSmallCounts } from "../../src/stats/small-counts.ts";
import { createAgentClassifier, isNavigation, isPrefetch } from "../../src/stats/user-agents.ts";

const agentOf = createAgentClassifier();
const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

describe("who asks", () => {
  test.each([
    chrome,
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 16; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
  ])("%s is a person", (agent) => expect(agentOf(agent)).toBe("person"));

  test.each([
    "github-camo (876de43e)",
    "Camo Asset Proxy 2.3.0",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
  ])("%s keeps a copy for others", (agent) => expect(agentOf(agent)).toBe("proxy"));

  test.each([
    undefined,
    "",
    "curl/8.5.0",
    "Wget/1.24",
    "python-requests/2.32",
    "Go-http-client/2.0",
    "axios/1.7",
    "node",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0 Safari/537.36",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0)",
    `Mozilla/5.0 ${"x".repeat(600)}`,
  ])("%s is a machine", (agent) => expect(agentOf(agent)).toBe("machine"));

  test("a browser that asks ahead, or for no page, shows nobody anything", () => {
    for (const headers of [
      { "sec-purpose": "prefetch" },
      { "sec-purpose": "prefetch;prerender" },
      { purpose: "prefetch" },
      { "x-moz": "prefetch" },
    ])
      expect(isPrefetch(headers)).toBe(true);
    expect(isPrefetch({})).toBe(false);
    expect([{}, { "sec-fetch-dest": "document" }].map(isNavigation)).toEqual([true, true]);
    expect([{ "sec-fetch-dest": "image" }, { "sec-fetch-dest": "empty" }].map(isNavigation)).toEqual([false, false]);
  });
});

describe("where a visit came from", () => {
  const origin = "https://slipway.example";
  test.each([
    [undefined, "direct"],
    ["", "direct"],
    ["nonsense", "direct"],
    [`${origin}/github.com/o/r?x=1`, "direct"],
    ["https://github.com/o/r/blob/main/README.md?token=secret#L1", "github.com"],
    ["https://www.Example.ORG./a", "example.org"],
    ["https://user:password@example.org:8443/", "example.org"],
    ["http://192.168.0.7/wiki", "elsewhere"],
    ["http://[2001:db8::1]/", "elsewhere"],
    ["http://intranet/wiki", "elsewhere"],
    ["https://wiki.corp/", "elsewhere"],
    ["android-app://com.slack/", "elsewhere"],
    ["https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"],
    [`https://${"a".repeat(60)}.${"b".repeat(60)}.example/`, "elsewhere"],
    [`https://example.org/${"x".repeat(5000)}`, "direct"],
  ])("%s is %s", (referer, site) => expect(referrerSite(referer, origin)).toBe(site));

  test("whatever stands there, nothing but a host's name is kept", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (referer) => {
        expect(referrerSite(referer, origin)).toMatch(/^[a-z\d_.-]{1,100}$/);
      }),
    );
  });
});

describe("bursts from one place", () => {
  const from = (remoteAddress: string, forwarded?: string) => ({
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    socket: { remoteAddress },
  });
  const counting = () => {
    let time = 0;
    const salts: number[] = [];
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)).fill(salts.push(bytes));
    const may = createRateLimiter({ now: () => time, random });
    const many = (what: "badge" | "visit", repo: string, asking: ReturnType<typeof from>, times = 1000) =>
      Array.from({ length: times }, () => may(what, repo, asking)).filter(Boolean).length;
    return { many, salts, later: (ms: number) => (time += ms) };
  };

  test("count up to a limit in an hour, for each repository and kind by itself", () => {
    const { many, later, salts } = counting();
    expect(many("visit", "o/r", from("198.51.100.1"))).toBe(limits.visit);
    expect(many("badge", "o/r", from("198.51.100.1"))).toBe(limits.badge);
    expect(many("visit", "o/other", from("198.51.100.1"))).toBe(limits.visit);
    expect(many("visit", "o/r", from("198.51.100.2"))).toBe(limits.visit);
    later(59 * 60_000);
    expect(many("visit", "o/r", from("198.51.100.1"))).toBe(0);
    later(60_000);
    expect(many("visit", "o/r", from("198.51.100.1"))).toBe(limits.visit);
    expect(salts).toHaveLength(2);
  });

  test("a network's many addresses of IPv6 are one place", () => {
    const { many } = counting();
    expect(many("visit", "o/r", from("2001:db8:1:2::1"))).toBe(limits.visit);
    expect(many("visit", "o/r", from("2001:db8:1:2:ffff::7"))).toBe(0);
    expect(many("visit", "o/r", from("2001:0db8:0001:0002:1:2:3:4"))).toBe(0);
    expect(many("visit", "o/r", from("2001:db8:1:3::1"))).toBe(limits.visit);
    expect(many("visit", "o/r", from("::ffff:198.51.100.9"))).toBe(limits.visit);
    expect(many("visit", "o/r", from("198.51.100.9"))).toBe(0);
  });

  test("nobody gets new places by writing a header, and who is behind a proxy has one of their own", () => {
    expect(clientAddress("198.51.100.1", "203.0.113.5")).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.2", "203.0.113.5")).toBe("203.0.113.5");
    expect(clientAddress("127.0.0.1", "made up, 203.0.113.5, 10.1.1.1")).toBe("203.0.113.5");
    expect(clientAddress("::ffff:10.0.0.2", ["6.6.6.6", "203.0.113.5"])).toBe("203.0.113.5");
    expect(clientAddress("fdaa::3", "2001:db8::1")).toBe("2001:db8::1");
    const { many } = counting();
    const forged = Array.from({ length: 100 }, (_, n) =>
      many("visit", "o/r", from("198.51.100.1", `203.0.113.${n}`), 1),
    );
    expect(forged.reduce((a, b) => a + b)).toBe(limits.visit);
  });

  test("no address is kept, only what a salt that is thrown away makes of it", () => {
    const seen: string[] = [];
    const set = Map.prototype.set;
    Map.prototype.set = function (key: unknown, value: unknown) {
      seen.push(String(key));
      return set.call(this, key, value);
    };
    try {
      counting().many("visit", "o/r", from("198.51.100.77"), 1);
    } finally {
      Map.prototype.set = set;
    }
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.join(" ")).not.toContain("198.51");
  });
});

describe("what is too little to be told apart", () => {
  type What = "start" | "success" | "failure";
  const cell = (value: string, what: What, count: number, month = "2026-11"): Cell<What> => ({
    value,
    what,
    count,
    month,
  });

  test("is under other, and every column still adds up", () => {
    const { rows, other } = suppressSmallCounts([
      cell("big", "start", 50),
      cell("big", "success", 45),
      cell("big", "failure", 5),
      cell("small", "start", 4),
    ]);
    expect([...rows]).toEqual([["big", { start: 50, success: 45, failure: 5 }]]);
    expect(other).toEqual({ start: 4 });
  });

  test("is not given away by what was started and did not succeed", () => {
    const { rows, other } = suppressSmallCounts([
      cell("here", "start", 50),
      cell("here", "success", 49),
      cell("here", "failure", 1),
    ]);
    expect([...rows]).toEqual([["here", { start: 49, success: 49 }]]);
    expect(other).toEqual({ start: 1, failure: 1 });
  });

  test("is not given away by the difference of two ranges", () => {
    const october = [cell("x", "start", 20, "2026-10")];
    const november = [cell("x", "start", 2, "2026-11")];
    expect(suppressSmallCounts(october).rows).toEqual(suppressSmallCounts([...october, ...november]).rows);
  });

  test("what is beyond the most that are told apart has no name", () => {
    expect(suppressSmallCounts([cell("", "start", 500)])).toEqual({ rows: new Map(), other: { start: 500 } });
  });

  test("whatever is counted, no row says less than five, and nothing is lost", () => {
    const cells = fc.array(
      fc.record({
        value: fc.constantFrom("a", "b", "c", ""),
        month: fc.constantFrom("2026-10", "2026-11"),
        what: fc.constantFrom<What>("start", "success", "failure"),
        count: fc.integer({ min: 1, max: 12 }),
      }),
    );
    fc.assert(
      fc.property(cells, (given) => {
        const { rows, other } = suppressSmallCounts(given);
        for (const row of rows.values())
          for (const count of Object.values(row)) expect(count).toBeGreaterThanOrEqual(suppressionThreshold);
        for (const what of ["start", "success", "failure"] as const) {
          const told = [...rows.values()].reduce((sum, row) => sum + (row[what] ?? 0), other[what] ?? 0);
          expect(told).toBe(given.filter((one) => one.what === what).reduce((sum, { count }) => sum + count, 0));
        }
      }),
    );
  });
});

describe("how long it took", () => {
  test("is exact, whatever the numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1 }), (seconds) => {
        const sorted = seconds.toSorted((a, b) => a - b);
        const half = sorted.length / 2;
        const median = Number.isInteger(half)
          ? ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
          : sorted[Math.floor(half)];
        const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1];
        expect(durationStats(seconds.map((one) => ({ seconds: one, count: 1 })))).toEqual({
          count: seconds.length,
          median,
          p95,
        });
        const sum = histogram(seconds.map((one) => ({ seconds: one, count: 1 }))).reduce(
          (n, { count }) => n + count,
          0,
        );
        expect(sum).toBe(seconds.length);
      }),
    );
    expect(durationStats([])).toBeNull();
    expect(histogram([])).toEqual([]);
    expect(
      histogram([
        { seconds: 45, count: 2 },
        { seconds: 4000, count: 1 },
      ]).map(({ upTo }) => upTo),
    ).toEqual([60, 120, 300, 600, 900, 1200, 1800, 3600, null]);
  });
});

describe("a range of days", () => {
  const known = { today: "2026-11-22", first: "2026-05-01" };
  test.each([
    [{}, "2026-10-24", "2026-11-22", "30"],
    [{ days: "7" }, "2026-11-16", "2026-11-22", "7"],
    [{ days: "365" }, "2025-11-23", "2026-11-22", "365"],
    [{ days: "all" }, "2026-05-01", "2026-11-22", "all"],
    [{ days: "nonsense" }, "2026-10-24", "2026-11-22", "30"],
    [{ from: "2026-11-01", to: "2026-11-10" }, "2026-11-01", "2026-11-10", null],
    [{ from: "2026-11-10", to: "2026-11-01" }, "2026-11-01", "2026-11-10", null],
    [{ from: "2026-11-01" }, "2026-11-01", "2026-11-22", null],
    [{ from: "2026-02-30", to: "2026-11-10" }, "2026-10-12", "2026-11-10", null],
    [{ to: "9999-12-31" }, "2026-10-24", "2026-11-22", null],
    [{ from: "2027-01-01", to: "2027-02-01" }, "2026-11-22", "2026-11-22", null],
    [{ from: "'; DROP TABLE counts", to: "2026-13-45" }, "2026-10-24", "2026-11-22", "30"],
  ])("%j is from %s to %s", (asked, from, to, preset) => expect(rangeOf(asked, known)).toEqual({ from, to, preset }));

  test("is never longer than ten years, and knows its days and months", () => {
    const { from, to } = rangeOf({ from: "0001-01-01", to: "2026-11-22" }, known);
    expect(daysOf({ from, to })).toHaveLength(3660);
    expect(daysOf({ from: "2028-02-28", to: "2028-03-01" })).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
    expect(monthsOf({ from: "2028-02-28", to: "2028-02-29" })).toEqual({ from: "2028-02-01", to: "2028-02-29" });
  });
});

test("no cell of a CSV is a formula, and every cell comes back as it was", () => {
  expect(toCsv([["=1+1", "+2", "-3", "@x", "\tx", "|y", "a,b", 'say "hi"', -4, null, "v1\n2"]])).toBe(
    `"'=1+1","'+2","'-3","'@x","'\tx","'|y","a,b","say ""hi""",-4,,"v1\n2"\r\n`,
  );
});
