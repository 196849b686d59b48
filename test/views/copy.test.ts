import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { visibleText } from "./rendered.ts";
import * as data from "./view-data.ts";

// The pages use the usual terms: grant or give access, fix, delete, no one, someone. Names such as `lend-to-slipway` stay.
const banned =
  /\b(?:lend|lends|lending|lent|mend|mends|mended|anew|nobody|somebody|everybody|whoever|altogether|just now|take[ns]? [\w ]*\baway|goes on|go on|of ours|stands? in the way|is told|are told)\b(?![-.]\w)/i;

describe("no page uses a banned word", () => {
  for (const [name, render] of Object.entries(data.pages))
    test(name, async () => expect((await visibleText(render())).match(banned)?.[0]).toBeUndefined());
});

/** Every string of a folder's sources that begins like a sentence. */
function sentencesIn(folder: string): string[] {
  const root = join(import.meta.dirname, "../..", folder);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8").replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
    const strings = source.matchAll(/"((?:[A-Z]|\$\{)[^"\n]* [^"\n]*)"|`((?:[A-Z]|\$\{)[^`\n]* [^`\n]*)`/g);
    return [...strings].map(([, quoted, template]) => `${file}: ${quoted ?? template}`);
  });
}

test.each(["views", "routes"])("no message in %s uses a banned word", (folder) => {
  const sentences = sentencesIn(folder);
  expect(sentences.length).toBeGreaterThan(80);
  expect(sentences.filter((sentence) => banned.test(sentence.replace(/\$\{[^}]*\}/g, "")))).toEqual([]);
});
