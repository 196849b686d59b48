import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readManifest } from "../../src/manifest/index.ts";
import { Reading } from "../../src/plan.ts";
import { samples } from "../harness/corpus.ts";

// 10,000 runs a form is what a release is held to: FUZZ_RUNS=10000 npx vitest run test/manifest/fuzz.test.ts
const runs = Number(process.env.FUZZ_RUNS ?? 300);
const source = { host: "github.com", owner: "o", repo: "repo", ref: "main", commit: "c", path: "" } as const;

/** Each form's path, and the kinds of the corpus that hold real ones. */
const forms: [string, string[]][] = [
  ["app.json", ["appjson", "appjson-broken", "appjson-fixture"]],
  ["Procfile", ["procfile"]],
  [".do/deploy.template.yaml", ["do"]],
  ["render.yaml", ["render"]],
  ["fly.toml", ["fly"]],
  ["railway.json", ["railway"]],
  ["railway.toml", ["railway"]],
  ["convox.yml", ["convox"]],
  ["score.yaml", []],
  ["compose.yaml", ["compose", "compose-partial"]],
  ["Chart.yaml", ["helm"]],
  ["values.yaml", ["helm"]],
  ["heroku.yml", []],
  ["Dockerfile", ["dockerfile"]],
  ["package.json", []],
  ["requirements.txt", []],
  ["pyproject.toml", []],
  ["Gemfile", []],
  ["go.mod", []],
  ["pom.xml", []],
  ["composer.json", []],
  ["mix.exs", []],
  ["Cargo.toml", []],
  ["slipway.json", ["appjson"]],
];

const folder = join(import.meta.dirname, "../manifests");
const own = (file: string): string[] =>
  readdirSync(folder)
    .flatMap((name) => [join(folder, name, "files", file), join(folder, name, "files/charts/tea", file)])
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8"));

type Mutation = { at: number; remove: number; insert: string };
const pieces = [
  ..."{}[]:,\"'\n\t #&*|>-?!%@\\$<=\0\u00a0",
  "null",
  "true",
  "0",
  "-1",
  "1e999",
  "\r\n",
  "${A:-",
  "<<: ",
  "--- ",
  "}}",
  "]]",
];
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(5000),
  remove: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(40)),
  insert: fc.oneof(
    fc.constantFrom(...pieces),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 4 }),
  ),
});
const mutate = (text: string, { at, remove, insert }: Mutation): string => {
  const from = text.length === 0 ? 0 : at % (text.length + 1);
  return text.slice(0, from) + insert + text.slice(from + remove);
};

test.each(forms)(`%s, mutated ${runs} times, is read or ends in sentences`, { timeout: 600_000 }, (file, kinds) => {
  const seeds = [...own(file), ...kinds.flatMap((kind) => samples(kind).map(({ text }) => text))];
  expect(seeds.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 6 }), (seed, mutations) => {
      const text = mutations.reduce(mutate, seed);
      const files = new Map([[file, text]]);
      if (file === "Chart.yaml") files.set("values.yaml", "image: { repository: tea, tag: v1 }");
      if (file === "values.yaml") files.set("Chart.yaml", "apiVersion: v2\nname: tea\n");
      const reading = readManifest({ list: [...files.keys()], text: files }, source);
      expect(Reading.safeParse(reading).success).toBe(true);
      expect(reading.app === null).toBe(reading.problems.length > 0);
      for (const { message } of [...reading.problems, ...reading.remarks]) expect(message).toMatch(/^\S.*[.?!]$/);
    }),
    { numRuns: runs },
  );
});
