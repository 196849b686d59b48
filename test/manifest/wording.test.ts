import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResourceType } from "../../src/app.ts";
import { closestMatch } from "../../src/manifest/closest-match.ts";
import { inside } from "../../src/manifest/components.ts";
import { interpolate } from "../../src/manifest/compose-interpolation.ts";
import { cronOf } from "../../src/manifest/cron.ts";
import { readDotenv } from "../../src/manifest/dotenv.ts";
import { bindResources } from "../../src/manifest/infer/bind-resources.ts";
import { addons } from "../../src/manifest/infer/heroku-addons.ts";
import { classifyImage } from "../../src/manifest/infer/known-images.ts";
import { languageOf, languageOfBuildpack, siteIn } from "../../src/manifest/infer/languages.ts";
import { dynoSize, megabytes, sizeFor } from "../../src/manifest/infer/sizes.ts";
import { variable } from "../../src/manifest/infer/variable.ts";
import { outputs, resource } from "../../src/manifest/resources.ts";
import { shellLine } from "../../src/manifest/shell.ts";
import { slugOf } from "../../src/manifest/slug.ts";

describe("images are known by what they are", () => {
  test.each<[string, ResourceType, string | null]>([
    ["postgres:17-alpine", "postgres", "17"],
    ["pgautoupgrade/pgautoupgrade:16-bookworm", "postgres", "16"],
    ["postgis/postgis:16-3.4", "postgres", "16"],
    ["pgvector/pgvector:0.8.0-pg17", "postgres", "17"],
    ["docker.io/bitnamilegacy/postgresql:15.4.0", "postgres", "15.4"],
    ["library/postgres", "postgres", null],
    ["timescale/timescaledb-ha:pg16", "postgres", "16"],
    ["mariadb:10.4", "mysql", "10.4"],
    ["mysql/mysql-server:8.0", "mysql", "8.0"],
    ["valkey/valkey:8@sha256:0000", "redis", "8"],
    ["redis/redis-stack-server:latest", "redis", null],
    ["mongo:4.4", "mongodb", "4.4"],
    ["memcached:1.6.41-alpine", "memcached", "1.6"],
    ["rabbitmq:3-management", "amqp", "3"],
    ["localhost:5000/minio/minio", "bucket", null],
  ])("%s", (image, type, version) => {
    expect(classifyImage(image)).toMatchObject({ kind: "resource", type, version });
  });
  test.each([
    ["edoburu/pgbouncer:1.24", "tool"],
    ["prometheuscommunity/postgres-exporter", "tool"],
    ["prodrigestivill/postgres-backup-local", "tool"],
    ["mongo-express", "tool"],
    ["axllent/mailpit", "tool"],
    ["traefik:v3", "tool"],
    ["nginx:1.29", "proxy"],
    ["elasticsearch:9.4.3", "server"],
    ["getmeili/meilisearch", "server"],
    ["postgrest/postgrest:v12", "app"],
    ["someone/redis-dashboard-app", "app"],
    ["", "app"],
  ])("%s", (image, kind) => {
    expect(classifyImage(image).kind).toBe(kind);
  });
});

describe("a variable is asked for as its name and its value suggest", () => {
  const of = (name: string, value?: string, description = "") => {
    const { type, secret, default: fallback, placeholder } = variable(name, { value, description });
    return { type, secret, fallback, placeholder };
  };
  test.each([
    ["SECRET_KEY_BASE", undefined],
    ["STRIPE_API_KEY", undefined],
    ["ADMIN_PASSWORD", undefined],
    ["DB_PASS", undefined],
    ["BOT_TOKEN", undefined],
    ["oauth.consumerKey", undefined],
    ["DATABASE_URL", undefined],
    ["MONGODB_URI", undefined],
    ["SESSION_STRING", undefined],
  ])("%s is a secret", (name, value) => expect(of(name, value).secret).toBe(true));
  test.each([
    ["STRIPE_PUBLISHABLE_KEY", undefined],
    ["RECAPTCHA_SITE_KEY", undefined],
    ["AWS_ACCESS_KEY_ID", undefined],
    ["MAX_TOKENS", "4000"],
    ["REQUIRE_PASSWORD", "true"],
    ["KEYBOARD", "us"],
    ["MONKEY", undefined],
  ])("%s is none", (name, value) => expect(of(name, value).secret).toBe(false));
  test.each([
    ["DEBUG", "false", "boolean"],
    ["POOL_SIZE", "5", "number"],
    ["OWNER_ID", "20516707", "text"],
    ["API_URL", undefined, "url"],
    ["ASSETS_URL", "//cdn.tea.net", "text"],
    ["CONTACT_EMAIL", undefined, "email"],
    ["TERMS", "one\ntwo", "multiline"],
    ["VERBOSE", "True", "text"],
  ])("%s=%s is %s", (name, value, type) => expect(of(name, value).type).toBe(type));
  test.each([
    "https://{your app name}.example",
    "your image url",
    "YourKeyHere",
    "change-me-to-something-else",
    "update-this-key-in-the-console",
    "admin@example.com",
    "+12345678910",
    "xxxxxxxx",
    "http://localhost:3000",
  ])("%s is no default that anyone could mean", (value) => {
    expect(of("SOME_SETTING", value)).toMatchObject({ fallback: null, placeholder: value });
  });
  test.each([
    "<b>Welcome</b>",
    "{title} - {artist}",
    "Shop <shop@tea.net>",
    "yours truly",
    "exchange",
    "xxl",
    "/parse",
    "*",
  ])("%s is one", (value) => expect(of("SOME_SETTING", value)).toMatchObject({ fallback: value, placeholder: null }));
  test("a secret that everyone knows is asked for", () => {
    expect(of("ADMIN_PASSWORD", "test123")).toMatchObject({ fallback: null, placeholder: "test123" });
    expect(of("THEME", "default")).toMatchObject({ fallback: "default" });
  });
});

describe("what a resource can tell is not asked", () => {
  const wired = (type: ResourceType, ...names: string[]) => {
    const result = bindResources(
      names.map((name) => variable(name, {})),
      [resource(type, [], { env: {} })],
    );
    return { filled: result.resources[0]?.env, asked: result.variables.map(({ name }) => name) };
  };
  test("a database's address, and its parts, under their many names", () => {
    expect(
      wired("postgres", "DATABASE_URL", "PGHOST", "APP_DB_PORT", "POSTGRES_USER", "DB_PASSWORD", "LISTMONK_db__name"),
    ).toEqual({
      filled: {
        DATABASE_URL: "${url}",
        PGHOST: "${host}",
        APP_DB_PORT: "${port}",
        POSTGRES_USER: "${username}",
        DB_PASSWORD: "${password}",
        LISTMONK_db__name: "${name}",
      },
      asked: [],
    });
  });
  test("but nothing of another database, of a test, or of what it does not have", () => {
    const names = ["REDIS_URL", "TEST_DATABASE_URL", "MYSQL_HOST", "DB_POOL", "SECRET"];
    expect(wired("postgres", ...names)).toEqual({ filled: {}, asked: names });
    expect(wired("redis", "REDIS_DB")).toEqual({ filled: {}, asked: ["REDIS_DB"] });
  });
  test("every add-on fills with what its type can tell", () => {
    for (const addon of addons.values()) {
      if (addon.kind !== "resource") continue;
      for (const text of Object.values(addon.env))
        expect(outputs[addon.type].map((output) => `\${${output}}`)).toContain(text);
    }
  });
});

test.each([
  ["${A:-d}", "d", []],
  ["${A-d}", "d", []],
  ["${A:-${B:-c}}", "c", []],
  ["${A:-${B}}", "", ["B"]],
  ["x$A-${B}y", "x-y", ["A", "B"]],
  ["$$A costs 5$", "$A costs 5$", []],
  ["${KNOWN}/${KNOWN:-no}/${KNOWN:+yes}/${A:+no}", "known/known/yes/", []],
  ["${A:?say it}", "", ["A"]],
  ["${unclosed", "${unclosed", []],
])("compose writes %s as %s", (written, text, open) => {
  expect(interpolate(written, new Map([["KNOWN", "known"]]))).toMatchObject({ text, open });
});

test("a dotenv file tells values, and the comments above them", () => {
  const lines = readDotenv(
    "# Who it is\n# for\nNAME='tea' # here\nexport N=5 # five\n\n# apart\n\nEMPTY=\nbad line\nQ=\"a\\nb\"",
  );
  expect(Object.fromEntries(lines)).toEqual({
    NAME: { value: "tea", description: "Who it is for" },
    N: { value: "5", description: "" },
    EMPTY: { value: "", description: "" },
    Q: { value: "a\nb", description: "" },
  });
});

test.each([
  ["*/5 * * * *", "*/5 * * * *"],
  ["@daily", "0 0 * * *"],
  [" 0  3 * * MON-FRI ", "0 3 * * mon-fri"],
  ["0 3 * *", null],
  ["60 * * * *", null],
  ["0 0 0 * *", null],
  ["*/0 * * * *", null],
  ["@reboot", null],
  ["rate(5 minutes)", null],
])("the schedule %s is %s", (written, schedule) => expect(cronOf(written)).toBe(schedule));

test("sizes", () => {
  expect(["free", "HOBBY", "Standard-2X", "performance-m", "Performance-L", "private-s", "what"].map(dynoSize)).toEqual([
    "S", "S", "M", "L", "XL", "M", undefined,
  ]); // biome-ignore format: one line says more
  expect(["512Mi", "1g", "1.5GB", "1073741824", "much"].map(megabytes)).toEqual([512, 1024, 1536, 1024, undefined]);
  expect([sizeFor(undefined), sizeFor(1024), sizeFor(512, 4), sizeFor(9000)]).toEqual(["S", "M", "L", "XL"]);
});

test("languages and sites", () => {
  expect(languageOf(["package.json", "Gemfile"])).toBe("ruby");
  expect(languageOf(["a.csproj"])).toBe("dotnet");
  expect(languageOf(["docs/package.json"])).toBeNull();
  expect(languageOfBuildpack("https://github.com/heroku/heroku-buildpack-nodejs.git")).toBe("node");
  expect(languageOfBuildpack("heroku/constructor")).toBeNull();
  expect([siteIn(["index.html"]), siteIn(["public/index.html"]), siteIn(["index.html", "package.json"])]).toEqual([
    ".",
    "public",
    null,
  ]);
});

test("a slug fits every cloud, whatever the name", () => {
  expect(slugOf("Tea & Cake Shop")).toBe("tea-cake-shop");
  expect(slugOf("Ünïcode 9000")).toBe("unicode-9000");
  expect(slugOf("备忘录", "memo")).toBe("memo");
  expect(slugOf("99 bottles")).toBe("app-99-bottles");
  expect(slugOf("备忘录")).toBe("app");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      expect(slugOf(name)).toMatch(/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/);
    }),
  );
});

test("a path never leads out of the repository", () => {
  expect([inside("./a//b/"), inside("../up"), inside("a/../../b"), inside("/abs"), inside(".")]).toEqual([
    "a/b",
    ".",
    ".",
    "abs",
    ".",
  ]);
  fc.assert(
    fc.property(fc.string(), (path) => {
      expect(inside(path).split("/")).not.toContain("..");
    }),
  );
});

test("words that are meant are found, and no others", () => {
  expect(closestMatch("adons", ["env", "addons"])).toBe("addons");
  expect(closestMatch("servces", ["services", "resources"])).toBe("services");
  expect(closestMatch("banana", ["services", "resources"])).toBeUndefined();
});

test("a shell takes a line apart into the words it was made of", () => {
  expect(shellLine(["node", "web.js", "it's tea", "$HOME", ""])).toBe(`node web.js 'it'\\''s tea' '$HOME' ''`);
});
