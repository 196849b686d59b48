import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderChart } from "../../views/stats/charts/draw.ts";
import { chartNames, chartSizes, drawChart } from "../../views/stats/charts/index.ts";
import { safeSvg } from "../../views/stats/charts/safe-svg.ts";
import { findMarkupError } from "../harness/well-formed.ts";
import * as data from "./view-data.ts";

const { stats } = data.statsData;

describe("a chart", () => {
  for (const name of chartNames)
    test(`of ${name} is a self-contained image in both sizes and color schemes`, async () => {
      for (const size of ["wide", "small"] as const) {
        const svg = await drawChart(name, stats, size);
        expect(findMarkupError(svg, "svg")).toBeNull();
        expect(svg).toContain(`width="${chartSizes[size].width}"`);
        expect(svg).toContain("prefers-color-scheme:dark");
        expect(svg).not.toMatch(/<script|<image|<a |href|\son\w+=|\sclass=|\sstyle=|ecmeta|url\((?!#)/);
        expect(svg.match(/<path /g)?.length).toBeGreaterThan(3);
        expect(Buffer.byteLength(svg)).toBeLessThan(100_000);
      }
    });

  test("of no data is a valid image", async () => {
    for (const name of chartNames)
      expect(findMarkupError(await drawChart(name, data.statsEmpty.stats, "wide"), "svg")).toBeNull();
  });

  test("groups a year by week and has a dark counterpart for every color", async () => {
    const days = Array.from({ length: 365 }, (_, n) => ({
      ...stats.days[0],
      day: new Date(Date.UTC(2025, 10, 1 + n)).toISOString().slice(0, 10),
    }));
    const year = { ...stats, from: "2025-11-01", to: "2026-10-31", days: days as typeof stats.days };
    const svg = await drawChart("visits", year, "wide");
    const barCount = svg.match(/<path [^>]*fill="#0b4f6c"/g)?.length ?? 0;
    expect(barCount).toBe(53);
    const colors = new Set([...svg.matchAll(/(?:fill|stroke)="(#[\da-f]+)"/g)].map(([, color]) => color));
    // The shape that cuts the rest off is not seen.
    for (const color of colors) if (color !== "#000") expect(svg).toContain(`[fill="${color}"]{fill:`);
  });

  test("contains only drawing elements whatever its labels are", async () => {
    const hostileLabels = [
      "</text><script>alert(1)</script>",
      '" onload="alert(1)',
      "]]></style><style>*{}",
      "url(https://evil.example/x)",
      "javascript:alert(1)",
      "&#x3c;script&#x3e;",
      "\u0000\u0008\ufffe",
      "{value|<image href=x>}",
    ];
    const labelLists = fc.array(fc.oneof(fc.constantFrom(...hostileLabels), fc.string({ unit: "binary" })), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(labelLists, async (labels) => {
        const svg = await renderChart(
          {
            xAxis: { type: "category", data: labels },
            yAxis: { type: "value" },
            series: [{ type: "bar", data: labels.map((_, n) => n) }],
          },
          chartSizes.wide,
        );
        expect(findMarkupError(svg, "svg")).toBeNull();
        expect(
          svg
            .match(/<(?!\/)[^\s>]+/g)
            ?.filter((tag) => !/^<(?:svg|style|g|path|text|tspan|rect|defs|clipPath)$/.test(tag)),
        ).toEqual([]);
        expect(svg.match(/<style>/g)).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe("safeSvg keeps only shapes and text", () => {
  const sanitize = (body: string) => safeSvg(`<svg width="1" xmlns="http://www.w3.org/2000/svg">${body}</svg>`);
  test.each([
    ["<script>alert(1)</script>", ""],
    ["<style>*{fill:red}</style>", ""],
    ['<a href="https://evil.example"><text>x</text></a>', ""],
    ['<image href="x"/>', ""],
    ["<foreignObject><p>x</p></foreignObject>", ""],
    ['<rect onclick="x" class="y" style="z" width="2"></rect>', '<rect width="2"></rect>'],
    ['<path fill="url(https://evil.example)" d="M0 0"></path>', '<path d="M0 0"></path>'],
    ['<g clip-path="url(#a-1)"></g>', '<g clip-path="url(#a-1)"></g>'],
    ['<path fill="javascript:x"></path>', "<path></path>"],
    ["<text>a & b &amp; &nbsp;</text>", "<text>a &amp; b &amp; &amp;nbsp;</text>"],
    ["<text><![CDATA[<script>]]>x</text>", "<text>x</text>"],
  ])("%s", (input, output) => {
    expect(sanitize(input)).toBe(`<svg width="1" xmlns="http://www.w3.org/2000/svg">${output}</svg>`);
  });

  test.each(["<g></text>", "<g>", "</g>", "<", "<g", '<g a="', "<script>", "<!-- x", "<?xml?>"])(
    "rejects %s",
    (input) => expect(sanitize(input)).toBeNull(),
  );

  test("returns well-formed markup or null for any input", () => {
    const token = fc.constantFrom(
      "<g>",
      "</g>",
      "<script>",
      "</script>",
      "<text>",
      "</text>",
      "<",
      ">",
      '"',
      "&",
      "x",
      '<rect x="1"/>',
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
    );
    fc.assert(
      fc.property(fc.array(token), (tokens) => {
        const output = sanitize(tokens.join(""));
        if (output !== null) expect(findMarkupError(output, "svg")).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });
});
