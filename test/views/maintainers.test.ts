import { describe, expect, test } from "vitest";
import { studioPage } from "../../views/maintainers/badge-studio.ts";
import { maintainerTabs } from "../../views/maintainers/tabs.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { statsPage } from "../../views/stats/stats.ts";
import { attributes, tagWith, visibleText } from "./rendered.ts";
import * as data from "./view-data.ts";

describe("the stats page", () => {
  test("has charts with alternative texts, tables and totals", async () => {
    const markup = String(await statsPage(data.statsData));
    const charts = [...markup.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);
    expect(charts.map((tag) => tag.match(/stats\/([a-z]+)\.svg/)?.[1])).toEqual([
      "outcomes",
      "times",
      "visits",
      "badges",
    ]);
    for (const tag of charts) expect(tag).toMatch(/alt="Chart: [^"]+"/);
    expect(await visibleText(statsPage(data.statsData))).toContain("Started 152");
    expect(await visibleText(statsPage(data.statsData))).toContain("22 November 2026");
  });

  test("separates the app's failures from the cloud's", async () => {
    const text = await visibleText(statsPage(data.statsData));
    expect(text).toContain("Fix in the repository: Listen on the port in PORT");
    expect(text).toContain("ECS Deployment Circuit Breaker was triggered");
    expect(text).toContain("Amazon Web Services, other");
  });

  test("says so if nothing was counted yet", async () => {
    expect(await visibleText(statsPage(data.statsEmpty))).toContain("No visits or installs yet");
  });

  test("refreshes only if the range includes today", async () => {
    expect(String(await statsPage(data.statsData))).toContain("/assets/stats.js");
    const past = { ...data.statsData, stats: { ...data.statsData.stats, to: "2026-11-21" } };
    expect(String(await statsPage(past))).not.toContain("/assets/stats.js");
  });
});

test("the badge studio shows every style in light and dark, the selection and the snippets", async () => {
  const markup = String(await studioPage(data.studioData));
  expect(attributes(markup, "src")).toContain("/github.com/discourse/discourse/badge.svg?style=flat&theme=dark");
  expect(tagWith(markup, 'value="flat"')).toContain("checked");
  expect(tagWith(markup, 'value="button"')).not.toContain("checked");
  expect(tagWith(markup, 'name="count"')).toContain("checked");
  expect(tagWith(markup, 'name="ref"')).toContain('value="v3.6.1"');
  expect(tagWith(markup, "<textarea")).toContain("readonly");
  expect(markup).toContain("[![Deploy](https://slipway.example/");
  expect(attributes(markup, "href")).toContain("/github.com/discourse/discourse/badge/pull-request?style=flat");
  const withoutProposal = String(await studioPage({ ...data.studioData, proposal: null }));
  expect(withoutProposal).not.toContain("pull request");
});

test("the maintainers' pages link to each other and mark the current one", async () => {
  const markup = String(await maintainerTabs("/github.com/o/r", "?ref=v1", "stats"));
  expect(attributes(markup, "href")).toEqual([
    "/github.com/o/r/badge?ref=v1",
    "/github.com/o/r/manifest?ref=v1",
    "/github.com/o/r/stats",
    "/github.com/o/r/settings",
    "/github.com/o/r/webhooks",
  ]);
  expect(markup.match(/<a [^>]*aria-current="page">(\w+)/)?.[1]).toBe("Stats");
  expect(markup.match(/aria-current/g)).toHaveLength(1);
});

test("the app page links to the maintainers' pages", async () => {
  const hrefs = attributes(String(await appPage({ ...data.appData, query: "" })), "href");
  const path = data.appData.path;
  expect(hrefs).toEqual(
    expect.arrayContaining(["badge", "stats", "settings", "webhooks"].map((page) => `${path}/${page}`)),
  );
});
