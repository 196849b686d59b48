import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { badgeFor } from "../../badges/index.ts";
import { cloudSettings } from "../../src/clouds/index.ts";
import { readConfig } from "../../src/config.ts";
import { readManifest } from "../../src/manifest/index.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const block = (language: string) =>
  readme.match(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m"))?.[1] ?? "";

test("the manifest in the README is read as described, without a remark", () => {
  const text = new Map([
    ["app.json", block("json")],
    ["Procfile", block("Procfile")],
  ]);
  const source = { host: "github.com", owner: "o", repo: "r", ref: "main", commit: "c".repeat(40), path: "" } as const;
  const { app, problems, remarks } = readManifest({ list: ["app.json", "Procfile", "package.json"], text }, source);
  expect({ problems, remarks }).toEqual({ problems: [], remarks: [] });
  expect(app?.services.map(({ name }) => name)).toEqual(["web", "worker"]);
  expect(app?.jobs).toMatchObject([{ name: "release", command: "node migrate.js" }]);
  expect(app?.resources.map(({ type }) => type)).toEqual(["postgres", "redis"]);
  expect(app?.variables.map(({ name }) => name).sort()).toEqual(["ADMIN_EMAIL", "SECRET_KEY", "TITLE"]);
  expect(app?.success).toBe("/welcome");
});

test("the documented example of the cloud object is the one whose app a test compares", () => {
  const documented = readFileSync(join(root, "docs/manifest.md"), "utf8").match(
    /## All of it[\s\S]*?^```json\n([\s\S]*?)^```$/m,
  )?.[1];
  const fixture = readFileSync(join(root, "test/manifests/cloud/files/slipway.json"), "utf8");
  expect(JSON.parse(documented ?? "")).toEqual(JSON.parse(fixture));
});

test.each(["README.md", "SECURITY.md"])("every link of %s to a file leads to one", (document) => {
  const files = [...readFileSync(join(root, document), "utf8").matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(
    ([, file]) => file ?? "",
  );
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("the badge in the README is up to date", () => {
  const rendered = badgeFor(new URLSearchParams(), { kind: "ready", installs: null });
  expect(readFileSync(join(root, "docs/badge.svg"), "utf8").trim()).toBe(rendered.body.trim());
});

test("the README lists exactly the settings that are read", () => {
  const documented = [...readme.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name ?? "");
  const read = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>({}, { get: (_, name) => void read.add(String(name)) });
  readConfig(env);
  expect(documented.filter((name) => !read.has(name))).toEqual([]);
  expect([...read].filter((name) => !documented.includes(name))).toEqual([]);
});

test("the README gives the reason for every dependency", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, object>;
  const rationale = readme.slice(readme.search(/^\| dependency /m));
  expect(Object.keys(dependencies ?? {}).filter((name) => !rationale.includes(name))).toEqual([]);
});

test("the README's rows of a cloud's settings are the cloud's own words", () => {
  for (const { name, means, unset } of cloudSettings())
    expect(readme).toContain(`| \`${name}\` | ${means} |${unset === "" ? " |" : ` ${unset} |`}`);
});
