import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diff } from "../../src/maintainers/readme/diff.ts";
import { insertBadge } from "../../src/maintainers/readme/insert-badge.ts";
import { kindOf, type ReadmeKind } from "../../src/maintainers/readme/markup.ts";
import type { Format } from "../../src/maintainers/readme/snippets.ts";

const ours = "https://s.example/o/r/badge.svg";
const snippets: Record<Format, string> = {
  markdown: `[![D](${ours})](https://s.example/o/r)`,
  html: `<a href="https://s.example/o/r">\n  <img src="${ours}">\n</a>`,
  rst: `.. image:: ${ours}\n   :alt: D`,
  asciidoc: `image:${ours}["D"]`,
};
const text = "Deploy: https://s.example/o/r";
const put = (readme: string, kind: ReadmeKind = "markdown", replaceHeroku = false, written = snippets) =>
  insertBadge(readme, {
    kind,
    write: (format) => written[format],
    text,
    isOurs: (url) => url.startsWith(ours),
    replaceHeroku,
  });

const badge = (name: string) => `[![${name}](https://img.shields.io/${name})](https://ci.example/${name})`;
const heroku = "[![Deploy](https://www.herokucdn.com/deploy/button.svg)](https://heroku.com/deploy?template=x)";

describe("in Markdown, the badge goes", () => {
  test("under the first heading, of either kind", () => {
    expect(put("# App\n\nText\n")).toEqual({
      text: `# App\n\n${snippets.markdown}\n\nText\n`,
      where: "heading",
      heroku: false,
    });
    expect(put("# App\nText").text).toBe(`# App\n\n${snippets.markdown}\n\nText`);
    expect(put("App\n===\nText\n").text).toBe(`App\n===\n\n${snippets.markdown}\n\nText\n`);
    expect(put('<h1 align="center">\n  App\n</h1>\n\nText\n').text).toContain(`</h1>\n\n${snippets.markdown}\n\nText`);
    expect(put("# App").text).toBe(`# App\n\n${snippets.markdown}\n`);
  });

  test("beside the badges at the top, and nowhere near those further down", () => {
    const { text, where } = put(`# App\n\n${badge("a")} ${badge("b")}\n${badge("c")}\n\nText\n`);
    expect(where).toBe("beside");
    expect(text).toBe(`# App\n\n${badge("a")} ${badge("b")}\n${badge("c")}\n${snippets.markdown}\n\nText\n`);
    expect(put(`# App\n\nText\n\n## Status\n\n${badge("a")}\n`).where).toBe("heading");
    expect(put(`# App\n\n![Logo](logo.svg) ![Shot](https://x.example/screenshot.svg)\n`).where).toBe("heading");
  });

  test("beside badges whose addresses stand elsewhere", () => {
    const named = "# App\n\n[![B][b]][l]\n\nText\n\n[b]: https://img.shields.io/b\n[l]: https://l.example\n";
    expect(put(named).text).toContain(`[![B][b]][l]\n${snippets.markdown}\n\nText`);
  });

  test("as HTML among badges in HTML, as far in as they are", () => {
    const row = '<p align="center">\n  <a href="x"><img src="https://img.shields.io/x"></a>\n</p>\n';
    expect(put(`# App\n\n${row}`).text).toContain(
      `x"></a>\n  <a href="https://s.example/o/r">\n    <img src="${ours}">\n  </a>\n</p>`,
    );
  });

  test("at the top where there is no heading, behind front matter", () => {
    expect(put("Text\n")).toMatchObject({ text: `${snippets.markdown}\n\nText\n`, where: "top" });
    expect(put("---\ntitle: x\n---\nText\n").text).toBe(`---\ntitle: x\n---\n\n${snippets.markdown}\n\nText\n`);
    expect(put("").text).toBe(`${snippets.markdown}\n`);
    expect(put("   indented\n").text).toBe(`${snippets.markdown}\n\n   indented\n`);
  });

  test("where it was, also in another look; the rest of its line stays", () => {
    const old = `[![D](${ours}?style=flat)](https://s.example/o/r)`;
    expect(put(`# App\n\n${old} and ${badge("a")}\n`)).toMatchObject({
      text: `# App\n\n${snippets.markdown} and ${badge("a")}\n`,
      where: "replaced",
    });
    expect(put(`# App\n\n${badge("a")}\n<a href="x"><img src="${ours}"></a>\n`).text).toBe(
      `# App\n\n${badge("a")}\n${snippets.html}\n`,
    );
    expect(put(`# App\n\n${old} ${old}\n${old}\n\nText ${old}`).text).toBe(
      `# App\n\n${snippets.markdown}\n\nText ${old}`,
    );
  });

  test("nowhere because of what is in code or in a comment", () => {
    const fence = "```markdown\n# Not this\n";
    expect(put(`${fence}${snippets.markdown}\n\`\`\`\n\n# This\n`).text).toContain(`# This\n\n${snippets.markdown}\n`);
    expect(put(`<!-- ${snippets.markdown} -->\n# This\n`).where).toBe("heading");
  });

  test("beside Heroku's button, or in its place", () => {
    expect(put(`# App\n\n${heroku}\n`)).toEqual({
      text: `# App\n\n${heroku}\n${snippets.markdown}\n`,
      where: "beside",
      heroku: true,
    });
    expect(put(`# App\n\n${heroku}\n`, "markdown", true)).toEqual({
      text: `# App\n\n${snippets.markdown}\n`,
      where: "heroku",
      heroku: false,
    });
    expect(put(`# App\n\nText\n\n## Deploy\n\n${heroku}\n`)).toMatchObject({ where: "heading", heroku: true });
  });
});

test("in reStructuredText it is an image of its own, beside others or under the title", () => {
  const image = ".. image:: https://ci.example/badge.svg\n   :target: https://ci.example\n";
  expect(put(`===\nApp\n===\n\n${image}\nText\n`, "rst").text).toBe(
    `===\nApp\n===\n\n${image}\n${snippets.rst}\n\nText\n`,
  );
  expect(put("App\n===\nText\n", "rst").text).toBe(`App\n===\n\n${snippets.rst}\n\nText\n`);
  const named = `App\n===\n\n|d|\n\n.. |d| image:: ${ours}\n   :alt: D\n`;
  expect(put(named, "rst")).toMatchObject({ text: named, where: "by-hand" });
});

test("in AsciiDoc it stands in the row of the others, or behind the header", () => {
  const row = 'image:https://img.shields.io/x[X,link="y"] image:https://img.shields.io/z[Z]';
  expect(put(`= App\nAda <a@b>\n:toc:\n\n${row}\n\nText\n`, "asciidoc").text).toBe(
    `= App\nAda <a@b>\n:toc:\n\n${row}\n${snippets.asciidoc}\n\nText\n`,
  );
  expect(put("= App\n:toc:\n\nText\n", "asciidoc").text).toBe(`= App\n:toc:\n\n${snippets.asciidoc}\n\nText\n`);
});

test("a text file gets a line with the address", () => {
  expect(put("APP\n===\n\nIt does.\n", "text").text).toBe(`APP\n===\n\n${text}\n\nIt does.\n`);
});

test("a file is read by its name", () => {
  expect(["README.md", "readme.MARKDOWN", "README.rst", "README.adoc", "README", "README.txt"].map(kindOf)).toEqual([
    "markdown",
    "markdown",
    "rst",
    "asciidoc",
    "text",
    "text",
  ]);
  expect(["README.org", "README.textile", "docs.d/x.pod"].map(kindOf)).toEqual([null, null, null]);
});

const pieces = fc.constantFrom(
  ...'# App|## More|App\n===|---|Text.||```|<!--|-->|= App|:toc:|.. note:: x|   indented|<h1>|</h1>|[|![|](|<a href="|<img src="|image:|\ufeff|\t'.split(
    "|",
  ),
  badge("a"),
  heroku,
  '<a href="x"><img src="https://img.shields.io/x"></a>',
  ".. image:: https://img.shields.io/x",
  "image:https://img.shields.io/x[X]",
);
const readmes = fc
  .tuple(
    fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 12 }),
    fc.constantFrom("\n", "\r\n"),
  )
  .map(([lines, end]) => lines.join(end));

test.each(["markdown", "rst", "asciidoc", "text"] as const)(
  "whatever a README in %s says, nothing of it is lost, and a second time changes nothing",
  (kind) => {
    fc.assert(
      fc.property(readmes, (readme) => {
        const once = put(readme, kind);
        const lines = (kind === "text" ? text : snippets[kind]).split("\n");
        if (once.where !== "beside" || kind !== "markdown") for (const line of lines) expect(once.text).toContain(line);
        expect(once.text).toContain(kind === "text" ? text : ours);
        // What was there is still there, in its order: the new text without the inserted one.
        let at = 0;
        while (at < readme.length && readme[at] === once.text[at]) at++;
        let end = 0;
        while (end < readme.length - at && readme.at(-1 - end) === once.text.at(-1 - end)) end++;
        expect(readme.slice(at, readme.length - end)).toBe("");
        const again = put(once.text, kind);
        if (again.where !== "same") expect({ readme, ...again }).toBeNull();
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 300), seed: 20_261_122 },
    );
  },
  120_000,
);

test("the change is one that git applies", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  try {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "pipe" });
    git("init", "-q");
    fc.assert(
      fc.property(fc.option(readmes), readmes, (before, after) => {
        const lines = diff("README", before, after);
        fc.pre(lines.length > 0 && after !== "");
        rmSync(join(folder, "README"), { force: true });
        if (before !== null) writeFileSync(join(folder, "README"), before);
        writeFileSync(join(folder, "patch"), lines.map(({ text }) => `${text}\n`).join(""));
        git("apply", "--unidiff-zero", "--whitespace=nowarn", "patch");
        expect(readFileSync(join(folder, "README"), "utf8")).toBe(after);
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);

test("a README made to be read slowly is read like any other", () => {
  // Each of them alone took ten seconds; all of them together must not take a minute.
  for (const [kind, start, unit] of [
    ["markdown", "", "\r"],
    ["markdown", "# App\n", "\r"],
    ["markdown", "", "\u2028"],
    ["markdown", "<h1>", "- \r"],
    ["rst", "", "\r"],
    ["rst", "::\n\n", "\u2029"],
    ["rst", ".. a comment\n", " "],
    ["rst", ".. a comment\n", "\t"],
  ] as const) {
    const readme = start + unit.repeat(260_000 / unit.length);
    expect(put(readme, kind).text).toContain(kind === "rst" ? ".. image::" : "[![");
  }
}, 60_000);
