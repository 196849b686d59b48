import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { annotate } from "../../src/manifest/annotations.ts";
import { checkManifest } from "../../src/manifest/check-manifest.ts";
import { filesToRead, readManifest } from "../../src/manifest/index.ts";
import { variablesFor } from "../../src/manifest/infer/resource-variables.ts";
import { requirementsOf } from "../../src/manifest/requirements.ts";
import { suggestManifest } from "../../src/manifest/suggest-manifest.ts";
import { supportOf } from "../../src/manifest/support-levels.ts";
import { note } from "../../src/result.ts";

const source = { host: "github.com", owner: "tea", repo: "Repo_1", ref: "main", commit: "c0ffee", path: "" } as const;
const folder = join(import.meta.dirname, "../manifests");
const names = readdirSync(folder);

function filesOf(name: string) {
  const root = join(folder, name, "files");
  const list = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return {
    list,
    text: new Map<string, string | null>(
      filesToRead(list).map((file) => [file, readFileSync(join(root, file), "utf8")]),
    ),
  };
}

describe("the corrected text", () => {
  test("is there for a file that can be mended, reads without a fault, and gives the same app", () => {
    const files = filesOf("broken");
    const before = checkManifest(files, source);
    const [file] = before.files;
    expect(before.notes.filter(({ level }) => level === "fault").length).toBeGreaterThan(10);
    const after = checkManifest({ ...files, text: new Map([["app.json", file?.corrected ?? null]]) }, source);
    expect(after.notes.filter(({ level }) => level !== "remark")).toEqual([]);
    expect(after.files[0]?.corrected).toBeNull();
    expect(after.reading.app).toEqual(before.reading.app);
  });
  test("mends what is a problem too, where it is plain what is missing", () => {
    const { reading, files } = checkManifest(filesOf("unclosed"), source);
    expect(reading.app).toBeNull();
    expect(JSON.parse(files[0]?.corrected ?? "")).toEqual({
      name: "Unclosed",
      env: { SECRET_KEY: { generator: "secret" } },
      addons: ["heroku-postgresql"],
    });
  });
  test("is not offered where nothing is wrong", () => {
    expect(checkManifest(filesOf("cloud"), source).files.map(({ corrected }) => corrected)).toEqual([null]);
  });
  test("writes wrong types as they should be", () => {
    const { files } = checkManifest(filesOf("heroku"), source);
    expect(JSON.parse(files[0]?.corrected ?? "").env).toMatchObject({
      SIGN_UP: { value: "true", required: false },
      CURRENCY_DECIMALS_MAX: { value: "2" },
    });
  });
});

describe("the app.json we would write", () => {
  test("is offered to a repository that has none and can be deployed", () => {
    expect(checkManifest(filesOf("procfile"), source).suggestion).toContain('"web"');
    expect(checkManifest(filesOf("nothing"), source).suggestion).toBeNull();
    expect(checkManifest(filesOf("heroku"), source).suggestion).toBeNull();
  });

  /** What an app.json can carry: not who built what from where, and secrets of one's own making stay as they are. */
  const kept = (app: App) => ({
    ...app,
    read: [],
    source: null,
    build: app.build.kind === "buildpacks" ? { ...app.build, language: null } : app.build,
    services: app.services
      .map(({ build, ...item }) => (build?.kind === "image" ? { ...item, build } : item))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    jobs: app.jobs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    resources: app.resources
      // A bucket and a mail server tell more than one thing, and the usual names come along.
      .map((item) => (item.type === "bucket" || item.type === "smtp" ? { ...item, env: null } : item))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    variables: app.variables
      .map((item) => ({ ...item, placeholder: null, type: null, secret: null }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
  test.each(names)("for %s gives the same app again", (name) => {
    const files = filesOf(name);
    const { app } = readManifest(files, source);
    if (app === null) return expect(checkManifest(files, source).suggestion).toBeNull();
    const list = ["app.json", ...files.list.filter((file) => file.endsWith("Dockerfile"))];
    const again = readManifest({ list, text: new Map([["app.json", suggestManifest(app)]]) }, source);
    expect(again.problems).toEqual([]);
    expect(again.app && kept(again.app)).toEqual(kept(app));
  });
});

describe("a note as a line", () => {
  const fault = note("50% is\nodd.", { file: "a,b.json", line: 3, column: 7, fix: "Write it." });
  test("for people has file, line and column", () => {
    expect(annotate(fault, "problem", "plain", "shop/")).toBe("shop/a,b.json:3:7 50% is\nodd. Write it.");
    expect(annotate(fault, "remark", "plain", "")).toBe("a,b.json:3:7 remark: 50% is\nodd. Write it.");
  });
  test("for GitHub is an annotation that nothing in it can break", () => {
    expect(annotate(fault, "fault", "github", "x:y/")).toBe(
      "::error file=x%3Ay/a%2Cb.json,line=3,col=7::50%25 is%0Aodd. Write it.",
    );
    expect(annotate(note("No."), "remark", "github", "")).toBe("::warning::No.");
  });
});

describe("npm run check-manifest", () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string; error: string }>((resolve) => {
      const script = join(import.meta.dirname, "../../src/check-manifest.ts");
      execFile(process.execPath, [script, ...args], { cwd: folder }, (failed, out, error) =>
        resolve({ code: failed ? Number(failed.code) : 0, out, error }),
      );
    });
  test("prints every problem with its place and exits 1", async () => {
    const { code, out } = await run("unclosed/files");
    expect(code).toBe(1);
    expect(out).toBe("unclosed/files/app.json:6:6 The `{` of line 3 is never closed. Write `}` here.\n");
  });
  test("exits 1 for a file that only we can read, and 0 for one that is fine", async () => {
    expect((await run("broken/files/app.json")).code).toBe(1);
    const fine = await run("cloud/files");
    expect(fine).toMatchObject({ code: 0, error: "Discourse can be deployed. Read: slipway.json.\n" });
  });
  test("speaks to GitHub Actions", async () => {
    const { code, out } = await run("--format", "github", "cloud-mistakes/files");
    expect(code).toBe(1);
    expect(out.split("\n")[0]).toBe(
      "::error file=cloud-mistakes/files/app.json,line=5,col=5::`servces` is no key of `cloud`. Did you mean `services`?",
    );
  });
  test("exits 2 when it is used wrongly", async () => {
    for (const args of [[], ["a", "b"], ["--format", "xml", "."], ["no-such-folder"], ["--what"]]) {
      const { code, error } = await run(...args);
      expect(code).toBe(2);
      expect(error).not.toBe("");
    }
  });
});

test("what an app needs of a cloud is listed, with its place", () => {
  const { app } = readManifest(filesOf("cloud"), source);
  const needs = app ? requirementsOf(app).map(({ kind, path }) => `${kind}: ${path}`) : [];
  expect(needs).toEqual(
    expect.arrayContaining([
      "resource: resources.database",
      "option: resources.database.extensions",
      "release: jobs.release",
      "first: jobs.setup",
      "schedule: jobs.digest",
      "scale: services.web.scale",
      "health: services.web.health",
      "volume: services.web.volumes.shared",
      "app url: env.BASE_URL",
    ]),
  );
});

test("what a cloud says nothing about is ignored there, and said to be", () => {
  const { app } = readManifest(filesOf("cloud"), source);
  const levels = { release: "exact", volume: { level: "missing", reason: "it has no disks" } } as const;
  const remarks = app ? supportOf(app, levels) : [];
  const of = (path: string) => remarks.find((item) => item.path === path);
  expect(remarks).toHaveLength(app ? requirementsOf(app).length : -1);
  expect(of("jobs.release")).toMatchObject({ level: "exact" });
  expect(of("services.web.volumes.shared")).toMatchObject({
    level: "missing",
    message: "`services.web.volumes.shared` keeps files (/shared, 10 GB): it has no disks.",
  });
  expect(of("jobs.digest")).toMatchObject({
    level: "ignored",
    message: "`jobs.digest` runs on schedule (0 3 * * *): not here: it is passed over.",
  });
});

test("a resource that a cloud does not manage becomes questions, one for each variable it would fill", () => {
  const env = { MONGODB_URI: "${url}", MONGO_HOST: "${host}", BOTH: "${host}:${port}" };
  const questions = variablesFor({ name: "m", type: "mongodb", version: null, size: "S", env });
  expect(questions.map(({ name, secret, required, description }) => [name, secret, required, description])).toEqual([
    ["MONGODB_URI", true, true, "The address, with user and password of a MongoDB database."],
    ["MONGO_HOST", false, true, "The host name of a MongoDB database."],
    ["BOTH", false, true, "As `${host}:${port}`, of a MongoDB database."],
  ]);
});
