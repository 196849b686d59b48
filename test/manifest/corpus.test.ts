import { describe, expect, test } from "vitest";
import { readManifest } from "../../src/manifest/index.ts";
import type { Note } from "../../src/result.ts";
import { corpus, samples } from "../harness/corpus.ts";

const source = { host: "github.com", owner: "o", repo: "repo", ref: "main", commit: "c", path: "" } as const;
const read = (file: string, text: string) => readManifest({ list: [file], text: new Map([[file, text]]) }, source);

/** What a maintainer can act on: a sentence, the file, and a place unless it is about the whole file. */
function expectSentences(notes: readonly Note[]): void {
  for (const { message, file, line, column } of notes) {
    expect(message).toMatch(/^\S.*[.?!]$/);
    expect(message.length).toBeLessThan(300);
    expect(file).not.toBe("");
    expect(line === null).toBe(column === null);
  }
}

describe.skipIf(corpus === null)("real manifests (skipped without shared/corpus or SLIPWAY_CORPUS)", () => {
  test.each(samples("appjson"))("app.json of $name reads", ({ text }) => {
    const { app, problems, remarks } = read("app.json", text);
    expect(problems).toEqual([]);
    expect(app?.services.length).toBeGreaterThan(0);
    expectSentences(remarks);
  });

  test.each(samples("appjson-fixture"))("app.json of $name reads, or says what is missing", ({ text }) => {
    const { app, problems, remarks } = read("app.json", text);
    expect(app === null).toBe(problems.length > 0);
    expectSentences(remarks);
  });

  test.each(samples("appjson-broken"))("what is wrong in $name is named", ({ text }) => {
    const { app, problems, remarks } = read("app.json", text);
    expect(app === null).toBe(problems.length > 0);
    expectSentences(problems);
    expectSentences(remarks);
    expect([...problems, ...remarks].some(({ line, fix }) => line !== null && fix !== "")).toBe(true);
  });

  test.each(samples("appjson-not-heroku"))("$name is declined", ({ text }) => {
    const { app, problems } = read("app.json", text);
    expect(app).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^app\.json here is .*, and no manifest for deploying\./);
  });

  test.each(samples("procfile"))("Procfile of $name reads", ({ text }) => {
    const { app, remarks } = read("Procfile", text);
    expect(app?.services.length).toBeGreaterThan(0);
    expectSentences(remarks);
  });

  const others: [string, string][] = [
    ["do", ".do/deploy.template.yaml"],
    ["render", "render.yaml"],
    ["fly", "fly.toml"],
    ["railway", "railway.toml"],
    ["convox", "convox.yml"],
    ["compose", "compose.yaml"],
    ["compose-partial", "compose.yaml"],
  ];
  describe.each(others)("%s", (kind, file) => {
    test.each(samples(kind))("$name reads, or says what is missing", ({ name, text }) => {
      const { app, problems, remarks } = read(name.endsWith(".json") ? file.replace(/\w+$/, "json") : file, text);
      expect(app === null).toBe(problems.length > 0);
      if (problems[0]?.file !== "") expectSentences(problems);
      expectSentences(remarks);
    });
  });

  test.each(samples("helm").filter(({ name }) => name.endsWith("Chart.yaml")))("$name reads", ({ name, text }) => {
    const values = samples("helm").find((sample) => sample.name === name.replace("Chart", "values"))?.text ?? "";
    const files = new Map([
      ["chart/Chart.yaml", text],
      ["chart/values.yaml", values],
    ]);
    const { app, problems } = readManifest({ list: [...files.keys()], text: files }, source);
    expect(problems).toEqual([]);
    expect(app?.build.kind).toBe("image");
  });

  test.each(samples("dockerfile"))("Dockerfile of $name reads", ({ text }) => {
    const { app, remarks } = read("Dockerfile", text);
    expect(app?.services).toHaveLength(1);
    expectSentences(remarks);
  });
});
