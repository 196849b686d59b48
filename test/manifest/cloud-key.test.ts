import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { badgeClouds } from "../../src/clouds/index.ts";
import { manifestSchema } from "../../src/manifest/cloud/schema.ts";
import { forCloud } from "../../src/manifest/cloud-overrides.ts";
import { readManifest } from "../../src/manifest/index.ts";

const source = { host: "github.com", owner: "o", repo: "repo", ref: "main", commit: "c", path: "" } as const;
const read = (files: Record<string, unknown>) =>
  readManifest(
    {
      list: Object.keys(files),
      text: new Map(
        Object.entries(files).map(([name, content]) => [
          name,
          typeof content === "string" ? content : JSON.stringify(content),
        ]),
      ),
      cloudIds: badgeClouds().map(({ id }) => id),
    },
    source,
  );
const example = readFileSync(join(import.meta.dirname, "../manifests/cloud/files/slipway.json"), "utf8");

describe("the schema at /schema.json", () => {
  const schema = manifestSchema("https://slipway.example");
  test("is JSON, names where it lives, and knows every key of the documented example", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema.$id).toBe("https://slipway.example/schema.json");
    const cloud = (schema.properties as Record<string, { properties: object; additionalProperties: boolean }>).cloud;
    expect(cloud?.additionalProperties).toBe(false);
    const keys = Object.keys(JSON.parse(example).cloud).filter((key) => !key.startsWith("x-"));
    expect(Object.keys(cloud?.properties ?? {})).toEqual(expect.arrayContaining(keys));
  });
  test("is open outside the cloud object", () => {
    expect(schema.additionalProperties).toEqual({});
  });
});

describe("forCloud", () => {
  const { app } = read({ "slipway.json": example });
  test("gives the app as the manifest wants it on that cloud", () => {
    if (app === null) throw new Error("The example is not read");
    const there = forCloud(app, "aws");
    expect(there.services.find(({ name }) => name === "web")?.size).toBe("L");
    expect(there.resources.find(({ name }) => name === "database")?.options).toMatchObject({
      class: "db.t4g.small",
      storage: 20,
    });
    expect(there.services.find(({ name }) => name === "worker")).toEqual(
      app.services.find(({ name }) => name === "worker"),
    );
  });
  test("leaves it as it is elsewhere, whatever the cloud is called", () => {
    if (app === null) throw new Error("The example is not read");
    expect(forCloud(app, "digitalocean")).toBe(app);
    expect(forCloud(app, "constructor")).toBe(app);
  });
});

describe("slipway.json beside app.json", () => {
  test("with a cloud object only, refines what app.json says", () => {
    const { app, problems } = read({
      "app.json": { name: "shop", addons: ["heroku-postgresql"], env: { A: "1" } },
      "slipway.json": { cloud: { resources: { database: { size: "L" } }, env: { B: "2" } } },
    });
    expect(problems).toEqual([]);
    expect(app?.read).toEqual(["slipway.json", "app.json"]);
    expect(app?.resources).toMatchObject([{ name: "database", type: "postgres", size: "L" }]);
    expect(app?.variables.map(({ name }) => name)).toEqual(["A", "B"]);
  });
  test("decides where both say something", () => {
    const { app } = read({
      "app.json": { name: "strict", env: { A: "1" }, options: { port: 9000 } },
      "slipway.json": { name: "ours", env: { B: "2" } },
    });
    expect(app?.name).toBe("ours");
    expect(app?.variables.map(({ name }) => name)).toEqual(["B"]);
  });
});

describe("which file decides", () => {
  test("an app.json before a compose file, whose services are for developing", () => {
    const { app, remarks } = read({
      "app.json": { name: "shop", env: { A: "1" } },
      "docker-compose.yml": "services: { db: { image: postgres }, web: { build: . } }",
    });
    expect(app?.read).toEqual(["app.json"]);
    expect(app?.resources).toEqual([]);
    expect(remarks).toEqual([]);
  });
  test("a fly.toml, and the compose file tells the database that it leaves open", () => {
    const { app } = read({
      "fly.toml": 'app = "x"\n[http_service]\ninternal_port = 4000\n',
      "compose.yaml": "services: { db: { image: 'postgres:16' }, web: { build: ., ports: ['3000:3000'] } }",
    });
    expect(app?.services.map(({ name, port }) => [name, port])).toEqual([["app", 4000]]);
    expect(app?.resources).toMatchObject([{ type: "postgres", version: "16" }]);
  });
  test("a Procfile gives commands to an app.json that has none", () => {
    const { app } = read({
      "app.json": { formation: { web: { quantity: 2 }, worker: { quantity: 1 } } },
      Procfile: "web: run web\nworker: run worker\n",
    });
    expect(app?.services.map(({ name, command, scale }) => [name, command, scale.min])).toEqual([
      ["web", "run web", 2],
      ["worker", "run worker", 1],
    ]);
  });
  test("a Procfile before a compose file that is for developing, whose databases are taken all the same", () => {
    const { app } = read({
      Procfile: "web: gunicorn app:app",
      "requirements.txt": "flask",
      "docker-compose.yml":
        "services: { web: { build: ., command: flask run --debug, volumes: ['.:/app'], environment: { DATABASE_URL: 'postgres://db/x' } }, db: { image: 'postgres:16' } }",
    });
    expect(app?.services.map(({ command }) => command)).toEqual(["gunicorn app:app"]);
    expect(app?.build).toMatchObject({ kind: "buildpacks", language: "python" });
    expect(app?.resources).toMatchObject([{ type: "postgres", env: { DATABASE_URL: "${url}" } }]);
  });
  test("a broken compose file does not hold up what a fly.toml has decided", () => {
    const { app, remarks } = read({
      "fly.toml": "[http_service]\ninternal_port = 4000\n",
      "compose.yaml": "services: [unclosed",
    });
    expect(app?.services).toHaveLength(1);
    expect(remarks.map(({ file }) => file)).toContain("compose.yaml");
  });
});

describe("the settings of its page", () => {
  const settingsOf = (settings: unknown) => read({ "app.json": { cloud: { settings } }, Procfile: "web: x" });
  test("are part of the app", () => {
    const settings = { stats: "public", allow: ["aws"], preset: "production", ref: "HEAD" };
    expect(settingsOf(settings)).toMatchObject({ app: { settings }, problems: [], remarks: [] });
    expect(settingsOf(undefined).app).not.toHaveProperty("settings");
  });
  test.each([
    [{ hide: ["azur"] }, "There is no cloud `azur`.", "`azure`"],
    [{ notes: { amazon: "x" } }, "There is no cloud `amazon`.", "aws"],
    [{ ref: "a..b" }, "no branch, tag or commit", "git itself"],
    [{ stats: "yes" }, "stats", "public"],
    [{ visible: true }, "visible", ""],
  ])("%o is a problem in its place", (settings, message, fix) => {
    const { app, problems } = settingsOf(settings);
    expect(app).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "app.json", path: expect.stringContaining("cloud.settings") });
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.fix).toContain(fix);
  });
});
