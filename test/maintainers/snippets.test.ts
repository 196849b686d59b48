import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BadgeQuery,
  badgeHeight,
  badgeStyles,
  badgeThemes,
  readBadgeQuery,
  renderBadge,
  writeBadgeQuery,
} from "../../badges/index.ts";
import type { BadgeCloud } from "../../badges/logos.ts";
import { checkAddress } from "../../src/address.ts";
import { badgeClouds } from "../../src/clouds/index.ts";
import { type PlacedBadge, placeBadge } from "../../src/maintainers/readme/badge.ts";
import { formatName, formats, snippetOf } from "../../src/maintainers/readme/snippets.ts";
import type { Address } from "../../src/repo.ts";
import { linksAndImages, render, rendererOf } from "../harness/markup-renderers.ts";
import { needs } from "../harness/peers.ts";

const origin = "https://slipway.example";
const badgeCloud = (id: string) => badgeClouds().find((cloud) => cloud.id === id) as BadgeCloud;
const plain = readBadgeQuery(new URLSearchParams());
const address: Address = { host: "github.com", owner: "o", repo: "r", ref: "v1", path: "apps/web" };
const place = (more: Partial<BadgeQuery> = {}, at = address, name = "Discourse") =>
  placeBadge(origin, at, { name }, { ...plain, ...more });

test("a badge is asked for in the shortest way, and read back as it was chosen", () => {
  expect(writeBadgeQuery(plain)).toEqual([]);
  const wish: BadgeQuery = {
    style: "flat",
    theme: "dark",
    size: "m",
    label: "Go & run",
    cloud: badgeCloud("aws"),
    count: true,
  };
  expect(new URLSearchParams(writeBadgeQuery(wish)).toString()).toBe(
    "style=flat&theme=dark&label=Go+%26+run&cloud=aws&count=true",
  );
  fc.assert(
    fc.property(
      fc.record({
        style: fc.constantFrom(...badgeStyles),
        theme: fc.constantFrom(...badgeThemes),
        size: fc.constantFrom("m", "l"),
        label: fc.string({ unit: "grapheme" }),
        cloud: fc.constantFrom("aws", "gcp", "nowhere"),
        count: fc.constantFrom("true", "false"),
      }),
      (asked) => {
        const once = readBadgeQuery(new URLSearchParams(asked), badgeClouds());
        const again = readBadgeQuery(new URLSearchParams(writeBadgeQuery(once)), badgeClouds());
        expect(again).toEqual({ ...once, size: once.style === "button" ? once.size : "m" });
      },
    ),
  );
});

test("the height that a snippet gives is the height of the image", () => {
  for (const style of badgeStyles)
    for (const size of ["m", "l"] as const) {
      const svg = renderBadge({ style, size, theme: "auto", label: "Deploy to", message: "AWS" });
      expect(svg).toMatch(new RegExp(`^<svg [^>]*height="${badgeHeight({ style, size })}"`));
    }
});

test("ref, folder and choices go along, and a badge of one cloud leads to its form", () => {
  expect(place()).toEqual({
    image: `${origin}/github.com/o/r/badge.svg?ref=v1&path=apps/web`,
    themed: {
      light: `${origin}/github.com/o/r/badge.svg?ref=v1&path=apps/web&theme=light`,
      dark: `${origin}/github.com/o/r/badge.svg?ref=v1&path=apps/web&theme=dark`,
    },
    page: `${origin}/github.com/o/r?ref=v1&path=apps/web`,
    alt: "Deploy Discourse to your cloud",
    height: 32,
  });
  const one = place(
    { cloud: badgeCloud("aws"), theme: "dark", style: "flat" },
    { ...address, ref: undefined, path: "" },
  );
  expect(one).toEqual({
    image: `${origin}/github.com/o/r/badge.svg?style=flat&theme=dark&cloud=aws`,
    themed: null,
    page: `${origin}/github.com/o/r/aws`,
    alt: "Deploy Discourse to AWS",
    height: 20,
  });
  expect(place({ label: "Try it" }).alt).toBe("Try it");
});

test("each format says it in its own way", () => {
  const [markdown, html, rst, asciidoc] = formats.map((format) => snippetOf(format, [place()]));
  const badge = `${origin}/github.com/o/r/badge.svg?ref=v1&path=apps/web`;
  const page = `${origin}/github.com/o/r?ref=v1&path=apps/web`;
  expect(markdown).toBe(`[![Deploy Discourse to your cloud](${badge})](${page})`);
  expect(html).toBe(`<a href="${page.replace("&", "&amp;")}">
  <picture>
    <source media="(prefers-color-scheme: dark)" srcset="${badge.replace("&", "&amp;")}&amp;theme=dark">
    <img alt="Deploy Discourse to your cloud" src="${badge.replace("&", "&amp;")}&amp;theme=light" height="32">
  </picture>
</a>`);
  expect(snippetOf("html", [place({ theme: "dark" })])).not.toContain("<picture>");
  expect(rst).toBe(`.. image:: ${badge}\n   :alt: Deploy Discourse to your cloud\n   :target: ${page}`);
  expect(asciidoc).toBe(`image:${badge}["Deploy Discourse to your cloud",link="${page}"]`);
});

const words = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ..."[ ] ( ) < > \\ ` `` * ** _ __ # ## ~ ~~ ^ + ++ +++ { } | || ! & ; : = \" ' -- ... $ @ / \n \r\n \t \u2028 \x85 a b".split(
          " ",
        ),
        " ",
        "](javascript:x)",
        "![",
        '">',
        "<script>",
        "{asciidoctor-version}",
        "pass:[<b>]",
        "link:x[y]",
        "|a|_",
        "`x`_",
        "x_",
        ":target: y",
        "&lt;",
        "&#60;",
        "(C)",
        "https://elsewhere.example",
        "a@b.example",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join("")),
);
const names = fc.stringMatching(/^[\w.-]{1,12}$/);
const refs = fc.oneof(fc.constantFrom("v1_", "a--b", "_x_", "__a__", "x...y", "a/_b_/c"), words);
const addresses = fc
  .record({ owner: fc.stringMatching(/^[a-z\d][\w-]{0,9}$/), repo: names, ref: refs, path: words })
  .map(({ owner, repo, ref, path }) => checkAddress("github.com", owner, repo, ref, path))
  .filter((checked) => checked.ok)
  .map((checked) => checked.value);
const placed = fc
  .record({
    origin: fc.constantFrom(
      origin,
      "https://xn--bcher-kva.example",
      "http://127.0.0.1:8080",
      "https://a_b--c.x--y.example",
    ),
    at: addresses,
    name: words,
    style: fc.constantFrom(...badgeStyles),
    theme: fc.constantFrom(...badgeThemes),
    label: words,
    cloud: fc.constantFrom("", "aws"),
  })
  .map(({ origin, at, name, ...asked }) =>
    placeBadge(origin, at, { name }, readBadgeQuery(new URLSearchParams(asked), badgeClouds())),
  );

/** Where an address leads; the same letter may be written in two ways. */
const decoded = (url: string) => {
  const { origin, pathname, searchParams } = new URL(url);
  return [origin, decodeURIComponent(pathname), ...searchParams];
};
const shown = (format: string, { image, themed, page, alt }: PlacedBadge) => [
  { link: decoded(page) },
  { image: decoded((format === "html" && themed?.light) || image), alt },
];

describe.each(formats)("a snippet in %s", (format) => {
  const rendered = needs(...rendererOf(format));
  const read = (text: string) =>
    linksAndImages(render(format, text)).map(({ link, image, ...more }) => ({
      ...(link === undefined ? {} : { link: decoded(link) }),
      ...(image === undefined ? {} : { image: decoded(image), ...more }),
    }));

  rendered(
    `is one link around one image in ${formatName[format]}, whatever strangers call things`,
    async () => {
      fc.assert(
        fc.property(fc.array(placed, { minLength: 30, maxLength: 30, size: "max" }), (badges) => {
          const readme = badges.map((badge) => `Before.\n\n${snippetOf(format, [badge])}\n\nAfter.`).join("\n\n");
          expect(read(`${readme}\n`)).toEqual(badges.flatMap((badge) => shown(format, badge)));
        }),
        { numRuns: Number(process.env.FUZZ_RUNS ?? 300) / 100, seed: 20_261_122 },
      );
    },
    300_000,
  );

  rendered(`in ${formatName[format]} can hold a badge for each cloud, in a row`, async () => {
    const badges = [
      place({ cloud: badgeCloud("aws") }),
      place({ cloud: badgeCloud("gcp") }),
      place({ cloud: badgeCloud("local") }),
    ];
    expect(read(`Title\n=====\n\n${snippetOf(format, badges)}\n\nAfter.\n`)).toEqual(
      badges.flatMap((badge) => shown(format, badge)),
    );
  });
});
