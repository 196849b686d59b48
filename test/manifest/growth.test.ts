import { describe, expect, test } from "vitest";
import { parseAddress } from "../../src/address.ts";
import { readFiles } from "./read-files.ts";

/** Units that make a quadratic pattern slow when they are repeated. */
const units = [
  ..." \n\t\r-_.:/\\#=$,;'\"`[]{}()<>@&|a0A",
  ...'\\\n|\r\n|\n |a=|A="|${|${a|${a:-|$$|${}|a.|a:|a-|[ |{ |-a#|@sha256:|http://localhost:|a@a.|"a\n|1_|0x|, |- |? |: |a: &a |*a |<a|jan,|1-|gem |FROM |ENV a '.split(
    "|",
  ),
];

/** Documents of each form with a slot for pumped text: as a whole, and as names and values. */
const slots: [string, ((pump: string) => string)[]][] = [
  [
    "app.json",
    [
      (pump) => pump,
      (pump) => `{"env":{"A":${JSON.stringify(pump)}}}`,
      (pump) => `{"buildpacks":[{"url":${JSON.stringify(`${pump}\nx`)}}]}`,
      (pump) => `{"image":${JSON.stringify(pump)},"env":{"B":{"description":${JSON.stringify(pump)}}}}`,
      (pump) => `{"success_url":${JSON.stringify(pump)},"formation":{"web":{"size":${JSON.stringify(pump)}}}}`,
      (pump) => `{"cloud":{"env":{"A":${JSON.stringify(`\${app.url}${pump}`)}}}}`,
      (pump) => `{"cloud":{"resources":{"db":{"type":"postgres","env":{"A":${JSON.stringify(pump)}}}}}}`,
      (pump) => `{"cron":[{"command":"x","schedule":${JSON.stringify(pump)}}]}`,
      (pump) => `{"options":{"memory":${JSON.stringify(`1${pump}z`)}}}`,
      (pump) => `{ "a": {${pump}`,
    ],
  ],
  ["Procfile", [(pump) => pump, (pump) => `web: ${pump}`]],
  [
    "Dockerfile",
    [
      (pump) => pump,
      (pump) => `FROM x\nENV ${pump}`,
      (pump) => `FROM x\nEXPOSE ${pump}`,
      (pump) => `FROM x\nHEALTHCHECK CMD ${pump}`,
    ],
  ],
  [
    "compose.yaml",
    [
      (pump) => pump,
      (pump) =>
        `services: {web: {image: ${JSON.stringify(`${pump}\nx`)}, command: ${JSON.stringify(pump)}, ports: [80]}}`,
      (pump) =>
        `services: {web: {image: x, environment: [${JSON.stringify(`A${pump}B`)}, ${JSON.stringify(`C=${pump}`)}]}}`,
      (pump) =>
        `services: {web: {image: x, healthcheck: {test: ${JSON.stringify(pump)}}, volumes: [${JSON.stringify(pump)}]}}`,
    ],
  ],
  [
    "render.yaml",
    [
      (pump) => pump,
      (pump) =>
        `services: [{type: web, runtime: docker, dockerCommand: ${JSON.stringify(pump)}, buildCommand: ${JSON.stringify(pump)}, envVars: [{key: A, value: ${JSON.stringify(pump)}}]}]`,
    ],
  ],
  [
    ".do/app.yaml",
    [
      (pump) => pump,
      (pump) =>
        `services: [{name: web, instance_size_slug: ${JSON.stringify(pump)}, envs: [{key: A, value: ${JSON.stringify(pump)}}]}]`,
    ],
  ],
  [
    "convox.yml",
    [(pump) => pump, (pump) => `services: {web: {build: ., environment: [${JSON.stringify(`A${pump}B`)}]}}`],
  ],
  ["score.yaml", [(pump) => pump, (pump) => `containers: {web: {image: x, variables: {A: ${JSON.stringify(pump)}}}}`]],
  ["heroku.yml", [(pump) => pump]],
  [
    "fly.toml",
    [
      (pump) => pump,
      (pump) => `a = ${pump}`,
      (pump) => `[a${pump}b\n`,
      (pump) => `a = "${pump}"`,
      (pump) => `[vm]\nsize = '${pump}'`,
    ],
  ],
  ["railway.toml", [(pump) => pump]],
  ["package.json", [(pump) => pump]],
  ["requirements.txt", [(pump) => pump]],
  ["Gemfile", [(pump) => pump]],
  ["go.mod", [(pump) => pump]],
  ["pom.xml", [(pump) => pump]],
  ["composer.json", [(pump) => pump]],
  ["mix.exs", [(pump) => pump]],
  ["Cargo.toml", [(pump) => pump]],
];

/** Milliseconds of the processor, so that other programs do not count. */
function cost(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user / 1000;
}

/** Four times the input may take four times the work, not sixteen: the allowance covers collection of garbage. */
function expectLinear(work: (length: number) => unknown, what: string): void {
  const small = cost(() => work(15_000));
  const large = cost(() => work(60_000));
  expect(large, what).toBeLessThan(small * 8 + 250);
}

const pumped = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

describe.each(slots)("%s", (file, documents) => {
  test("is read in time that grows with its length, whatever is repeated in it", { timeout: 120_000 }, () => {
    for (const [index, document] of documents.entries())
      for (const unit of units)
        expectLinear(
          (length) => readFiles({ [file]: document(pumped(unit, length)) }),
          `slot ${index}, ${JSON.stringify(unit)}`,
        );
  });
});

test("an address is parsed in time that grows with its length", () => {
  for (const unit of units) expectLinear((length) => parseAddress(pumped(unit, length)), unit);
});
