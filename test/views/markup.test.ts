import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findMarkupError } from "../harness/well-formed.ts";
import { attributes, tagWith } from "./rendered.ts";
import * as data from "./view-data.ts";

const folder = join(import.meta.dirname, "../../views");

const structuralKeys = new Set(["state", "kind", "type", "level", "size", "when", "host", "preset", "fault", "assets"]);

/** The same data with every free text in it, keys of records too, replaced. */
function poison(value: unknown, text: string, key = ""): unknown {
  if (structuralKeys.has(key)) return value;
  if (typeof value === "string") return key === "day" ? "2026-11-22" : text;
  if (Array.isArray(value)) return value.map((item) => poison(item, text));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, item]) => [key === "env" ? text : name, poison(item, text, name)]);
  return Object.fromEntries(entries);
}

const hostileTexts = {
  "a script": `"><script>alert(1)</script><img src=x onerror='alert(1)'>`,
  "the ends of elements": "</textarea></pre></title></code></option></svg></main>",
  "a link that runs": "javascript:alert(1)",
  "another one": " data:text/html,<script>alert(1)</script>",
  "quotes and entities": `' " & &quot; &lt;script&gt; \` \${alert(1)} {{7*7}}`,
  "a link with a quote": `https://example.com/"onmouseover="alert(1)`,
  "a word without an end": "x".repeat(500),
  nothing: "",
};

describe("hostile data cannot change a page's markup", () => {
  for (const { name, data: pageData, render } of data.views)
    for (const [description, text] of Object.entries(hostileTexts))
      test(`${name}, with ${description} for every text`, async () => {
        const markup = String(await render(poison(pageData, text) as object));
        expect(findMarkupError(markup, "html")).toBeNull();
        const scripts = [...markup.matchAll(/<script[^>]*>/g)];
        for (const [tag] of scripts)
          expect(tag).toMatch(/^<script type="module" src="\/assets\/[a-z-]+\.js\?v=1f2e3d">$/);
        for (const url of [
          ...attributes(markup, "href"),
          ...attributes(markup, "src"),
          ...attributes(markup, "action"),
        ])
          expect(url).not.toMatch(/^\s*(?:javascript|data):/i);
      });
});

describe("every page", () => {
  for (const [name, render] of Object.entries(data.pages))
    test(`${name} is well formed, has one h1 and labels every field`, async () => {
      const markup = String(await render());
      expect(findMarkupError(markup, "html")).toBeNull();
      expect(markup.match(/<h1[ >]/g)).toHaveLength(1);
      expect(markup.match(/<main /g)).toHaveLength(1);
      expect(markup).not.toMatch(/\sstyle="|undefined|\[object |NaN/);
      const ids = new Set(attributes(markup, "id"));
      for (const about of ["aria-describedby", "aria-labelledby", "for"])
        for (const id of attributes(markup, about).flatMap((value) => value.split(" "))) expect(ids).toContain(id);
      for (const [fieldTag] of markup.matchAll(/<(?:input|select|textarea)[^>]*>/g))
        if (!fieldTag.includes('type="hidden"'))
          expect(attributes(markup, "for")).toContain(attributes(fieldTag, "id")[0]);
      expect(tagWith(markup, 'class="skip"')).toContain('href="#main"');
    });
});

test("only the html tag writes markup, and every dynamic link goes through safeUrl", () => {
  // Charts are SVG, drawn by a library and cleaned by safe-svg.
  const views = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("stats/charts/"),
  );
  for (const file of views) {
    const source = readFileSync(join(folder, file), "utf8");
    expect(source, file).not.toMatch(/\braw\b/);
    expect(source, file).not.toMatch(/(?<!html)`\s*<[a-z]/);
    expect(source, file).not.toMatch(/\s(?:href|src|action)="(?!\/|#|\$\{(?:safeUrl|assets)\()/);
  }
});
