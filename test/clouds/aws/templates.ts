import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { App } from "../../../src/app.ts";
import type { Template } from "../../../src/clouds/aws/cloudformation.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import { filesToRead, readManifest } from "../../../src/manifest/index.ts";
import { Preset } from "../../../src/plan.ts";
import { samples } from "../../harness/corpus.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

const read = (repo: string, list: string[], text: (file: string) => string): App | null => {
  const source = { host: "github.com", owner: "owner", repo, ref: "main", commit, path: "" } as const;
  return readManifest({ list, text: new Map(filesToRead(list).map((file) => [file, text(file)])) }, source).app;
};

function folder(path: string): App {
  const list = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .toSorted();
  const app = read(path.split("/").at(-1) ?? "", list, (file) => readFileSync(join(path, file), "utf8"));
  if (!app) throw new Error(`${path} is not read`);
  return app;
}

const root = join(import.meta.dirname, "../../..");
export const example = (name: string): App => folder(join(root, "examples", name));
export const manifest = (name: string): App => ({
  ...folder(join(root, "test/manifests", name, "files")),
  source: { ...discourse, repo: name },
});
const discourse = { host: "github.com", owner: "owner", repo: "", ref: "main", commit, path: "" } as const;

export const templateOf = (app: App, preset: Preset = "economy", region = "us-east-1"): Template =>
  compile(app, { region, preset }).stack as unknown as Template;

/** Every app whose template must be valid: our examples, two popular apps, and manifests that others wrote. */
export const apps = (): { name: string; app: App }[] => [
  ...readdirSync(join(root, "examples")).map((name) => ({ name, app: example(name) })),
  ...["discourse", "mastodon", "cloud"].map((name) => ({ name: `manifest-${name}`, app: manifest(name) })),
  ...samples("appjson").flatMap(({ name, text }) => {
    const app = read(name.replace(/[^A-Za-z0-9_-]/g, "-"), ["app.json", "Dockerfile"], (file) =>
      file === "app.json" ? text : "FROM node:24\n",
    );
    return app ? [{ name, app }] : [];
  }),
];

export const templates = () =>
  apps().flatMap(({ name, app }) =>
    Preset.options.map((preset) => ({ name: `${name}.${preset}`, template: templateOf(app, preset) })),
  );
