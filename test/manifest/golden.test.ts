import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { App } from "../../src/app.ts";
import { badgeClouds } from "../../src/clouds/index.ts";
import { filesToRead, readManifest } from "../../src/manifest/index.ts";
import { Reading } from "../../src/plan.ts";

const folder = join(import.meta.dirname, "../manifests");
const source = { host: "github.com", owner: "tea", repo: "Repo_1", ref: "main", commit: "c0ffee", path: "" } as const;

test.each(readdirSync(folder))("%s is read as it was judged right", async (name) => {
  const root = join(folder, name, "files");
  const list = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
  const text = new Map(filesToRead(list).map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const reading = readManifest({ list, text, cloudIds: badgeClouds().map(({ id }) => id) }, source);
  expect(Reading.parse(reading)).toEqual(reading);
  if (reading.app) expect(App.parse(reading.app).slug).toMatch(/^[a-z][a-z0-9-]{0,29}$/);
  await expect(`${JSON.stringify(reading, null, 2)}\n`).toMatchFileSnapshot(join(folder, name, "reading.json"));
});
