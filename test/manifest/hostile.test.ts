import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readManifest } from "../../src/manifest/index.ts";
import { Reading } from "../../src/plan.ts";

const source = { host: "github.com", owner: "o", repo: "repo", ref: "main", commit: "c", path: "" } as const;
const read = (files: Record<string, string | null>) =>
  readManifest({ list: Object.keys(files), text: new Map(Object.entries(files)) }, source);

const deep = (open: string, close: string, levels = 10_000) => `${open.repeat(levels)}1${close.repeat(levels)}`;
const big = (piece: string, bytes = 5_000_000) => piece.repeat(Math.ceil(bytes / piece.length));
const laughs = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha]"]
  .concat(Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(8)}]`))
  .join("\n");

const monsters: [string, string][] = [
  ["10,000 lists deep", deep("[", "]")],
  ["10,000 objects deep", deep('{"a":', "}")],
  ["an object 10,000 levels deep inside env", `{"env":{"A":${deep('{"a":', "}")}}}`],
  ["10,000 opening brackets", "[".repeat(10_000)],
  ["10,000 dashes", "- ".repeat(10_000)],
  ["10,000 levels of indentation", Array.from({ length: 2000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")],
  ["5 MB of blanks", big(" ")],
  ["5 MB of quotes", big('"')],
  ["5 MB of commas", `[${big(",")}]`],
  ["5 MB of open braces", big("{")],
  ["5 MB of comments", big("# no\n")],
  ["5 MB of members", `{${big('"a": "b",')}"z": 1}`],
  ["5 MB of lines", big("web: run\n")],
  ["5 MB on one line", big("EXPOSE 80 ")],
  ["5 MB of backslashes", `{"a": "${big("\\")}"}`],
  ["290 kB of comments", big("# no\n", 290_000)],
  ["290 kB of quotes", big('"', 290_000)],
  ["290 kB of commas", `[${big(",", 290_000)}]`],
  ["290 kB of backslashes", `{"a": "${big("\\", 290_000)}"}`],
  ["290 kB of lines", big("web: run\n", 290_000)],
  ["290 kB of open strings", big('"a\n', 290_000)],
  ["290 kB of continued lines", `RUN ${big("\\\n", 290_000)}`],
  ["290 kB of members", `{"env": {${Array.from({ length: 20_000 }, (_, i) => `"A${i}":"b"`).join()}}}`],
  ["a name of 290 kB", `{"env": {"${"A".repeat(280_000)}": "b"}}`],
  ["a value of 290 kB", `{"name": "${"x".repeat(280_000)}", "env": {"A": "${"<".repeat(30_000)}"}}`],
  ["NULs", "\0".repeat(100_000)],
  ["an image", Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256)).toString("latin1")],
  ["half a character", '{"name": "\ud800", "env": {"\udc00": "\ud800"}}'],
  [
    "the prototype",
    '{"__proto__": {"env": 1}, "constructor": 1, "env": {"__proto__": "x", "constructor": "y", "toString": {}}}',
  ],
  ["a billion laughs", laughs],
  ["an anchor inside itself", "services: &a\n  web: *a\n"],
  ["an anchor that is not there", "services: *nobody\n"],
  ["4,900 uses of an anchor", `a: &a [x]\n${Array.from({ length: 4900 }, (_, i) => `k${i}: *a`).join("\n")}`],
  ["nothing", ""],
  ["a byte order mark alone", "\ufeff"],
];
const names = [
  "app.json",
  ".do/app.yaml",
  "render.yaml",
  "fly.toml",
  "railway.json",
  "convox.yml",
  "score.yaml",
  "compose.yaml",
  "heroku.yml",
  "Procfile",
  "Dockerfile",
  "package.json",
];

describe.each(names)("%s", (file) => {
  test.each(monsters)("of %s ends in an answer, for less than a second of work", (_, text) => {
    const start = process.cpuUsage();
    const reading = read({ [file]: text, "README.md": "" });
    // Of the processor, not of a clock that runs while others work.
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(1000);
    expect(Reading.safeParse(reading).success).toBe(true);
    expect(reading.app === null).toBe(reading.problems.length > 0);
    for (const note of [...reading.problems, ...reading.remarks]) {
      expect(note.message).toMatch(/^\S.*[.?!]$/);
      expect(note.message.length).toBeLessThan(300);
    }
    expect(JSON.stringify([reading.problems, reading.remarks]).length).toBeLessThan(100_000);
  });

  test("that could not be read as text is named", () => {
    const reading = read({ [file]: null });
    expect([...reading.problems, ...reading.remarks]).toContainEqual(
      expect.objectContaining({ file, message: `${file} is no text, or larger than 5 MB.` }),
    );
  });
});

test("whatever a repository calls its files, reading them does not throw", () => {
  const path = fc.oneof(fc.constantFrom(...names), fc.string(), fc.constantFrom("a/Dockerfile", "public/index.html"));
  fc.assert(
    fc.property(fc.dictionary(path, fc.option(fc.string())), (files) => {
      const { app, problems } = read(files);
      expect(app === null).toBe(problems.length > 0);
    }),
    { numRuns: 1000 },
  );
});
