import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createDataDir, freePort, serve } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

// What docs/privacy.md promises, read in the bytes of the files themselves.

const { dataDir, dispose } = createDataDir();
afterAll(dispose);
const roots = appsFolder({ hello: { "index.html": "hello", "app.json": '{"name":"Hello"}' } });

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 MarkedAgent";
const marks = [
  ...["203.0.113.77", "203.0.113.78", "2001:db8:77::1", "2001:db8:77"],
  ...["MarkedAgent", "MarkedRobot", "MarkedCookie", "MarkedQuery", "MarkedPath", "MarkedLanguage", "marked.internal"],
];

interface Numbers {
  totals: Record<string, number>;
  months: { sites: { site: string | null; visit: number }[] };
}

/** Every byte that the server left behind. */
const readDataFolder = () =>
  readdirSync(dataDir, { recursive: true, encoding: "utf8" })
    .map((file) => join(dataDir, file))
    .flatMap((file) => {
      try {
        return [readFileSync(file).toString("latin1")];
      } catch {
        return [];
      }
    })
    .join("\n");

test("after all kinds of traffic the database holds counts and sites, and nothing about visitors", {
  timeout: 60_000,
}, async () => {
  const server = await serve({ port: await freePort(), dataDir, env: { LOCAL_REPOS: roots } });
  const request = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.origin}${path}`, {
      headers: { cookie: "a=MarkedCookie", "accept-language": "MarkedLanguage", ...headers },
    });
    await answer.text();
    expect([path, answer.headers.get("set-cookie")]).toEqual([path, null]);
    return answer;
  };
  const repo = "/local/apps/hello";
  for (let n = 0; n < 6; n++) {
    await request(`${repo}?utm_source=MarkedQuery`, {
      "user-agent": firefox,
      "x-forwarded-for": `203.0.113.${n % 2 ? 77 : 78}`,
      referer: "https://news.example.org/MarkedPath?q=MarkedQuery",
    });
    await request(`${repo}/local?MarkedQuery`, {
      "user-agent": firefox,
      "x-forwarded-for": "2001:db8:77::1",
      referer: "https://sub.marked.internal/MarkedPath",
    });
    await request(`${repo}/badge.svg?label=MarkedQuery`, {
      "user-agent": "github-camo (MarkedAgent)",
      "x-forwarded-for": "203.0.113.77",
    });
    await request(`${repo}/badge.svg`, { "user-agent": "MarkedRobot/1.0", "x-forwarded-for": "2001:db8:77::1" });
    await request(repo, { "user-agent": firefox, "sec-purpose": "prefetch", "x-forwarded-for": "203.0.113.77" });
    await request(`${repo}/stats?from=2026-01-01&x=MarkedQuery`, { "user-agent": firefox });
  }
  await request(repo, {
    "user-agent": firefox,
    referer: "https://rare.example.net/MarkedPath",
    "x-forwarded-for": "203.0.113.77",
  });
  await fetch(`${server.origin}${repo}`, { method: "HEAD", headers: { "user-agent": firefox } });

  const fetchStats = async () => (await (await fetch(`${server.origin}${repo}/stats.json`)).json()) as Numbers;
  for (let polls = 0; (await fetchStats()).totals.visit !== 13; polls++) {
    expect(polls, "the visits are counted some time").toBeLessThan(300);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { totals, months } = await fetchStats();
  expect(totals).toMatchObject({ visit: 13, badge: 6, proxy: 6, ignoredBadge: 6, ignoredVisit: 6 });
  expect(months.sites).toEqual([
    { site: "elsewhere", visit: 6 },
    { site: "news.example.org", visit: 6 },
    { site: null, visit: 1 },
  ]);
  expect(JSON.stringify(await fetchStats())).not.toContain("rare.example.net");
  // While it runs, what was written last is in the journal beside the database.
  const running = readDataFolder();
  await server.end();
  const writtenBytes = running + readDataFolder();
  expect(writtenBytes).toContain("news.example.org");
  expect(marks.filter((mark) => writtenBytes.includes(mark))).toEqual([]);
  expect(marks.filter((mark) => server.output().includes(mark))).toEqual([]);
});
