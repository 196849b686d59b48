import { describe, expect, test } from "vitest";
import { seconds } from "../../src/manifest/infer/durations.ts";
import { appOf, readFiles, remarksOf } from "./read-files.ts";

const compose = (services: string, more: Record<string, string> = {}) => ({
  "compose.yaml": `services:\n${services}`,
  ...more,
});
const named = (files: Record<string, string>, name: string) => appOf(files).services.find((item) => item.name === name);

describe("a compose file", () => {
  test("of databases alone does not say how to run an app", () => {
    const { app, problems } = readFiles(compose("  db: { image: 'postgres:17' }", { "README.md": "" }));
    expect(app).toBeNull();
    expect(problems[0]?.message).toContain("Nothing in this folder says how to run it.");
  });
  test("takes values from env_file, but no secrets", () => {
    const files = compose("  app: { image: x/y, ports: [80], env_file: [common.env] }", {
      "common.env": "LANGUAGE_CODE=en\nAPI_TOKEN=t0ken-of-the-author\n",
    });
    const { variables } = appOf(files);
    expect(variables.map(({ name, default: value }) => [name, value])).toEqual([
      ["LANGUAGE_CODE", "en"],
      ["API_TOKEN", null],
    ]);
    expect(remarksOf(files).some((message) => message.includes("not known here"))).toBe(false);
  });
  test("takes no secret from .env", () => {
    const files = compose("  app: { image: x/y, ports: [80], environment: ['MAPS_API_KEY=${MAPS_API_KEY}'] }", {
      ".env": "MAPS_API_KEY=live_0a1b2c3d4e5f\n",
    });
    expect(JSON.stringify(readFiles(files))).not.toContain("live_0a1b");
    expect(appOf(files).variables[0]).toMatchObject({ name: "MAPS_API_KEY", default: null });
  });
  test.each([
    ["postgis/postgis:16-3.4", "postgis"],
    ["pgvector/pgvector:pg17", "vector"],
    ["timescale/timescaledb:latest-pg16", "timescaledb"],
  ])("with %s needs the extension %s", (image, extension) => {
    const { resources } = appOf(compose(`  api: { image: x/y, ports: [80] }\n  db: { image: "${image}" }`));
    expect(resources).toMatchObject([{ type: "postgres", options: { extensions: [extension] } }]);
  });
  test("keeps the web server in front of FastCGI", () => {
    const files = compose(
      "  app: { build: . }\n  nginx: { image: 'nginx:alpine', ports: ['80:80'], volumes: ['./nginx:/etc/nginx/conf.d:ro'] }",
      { Dockerfile: "FROM php:8.3-fpm\n", "nginx/site.conf": "server {}" },
    );
    expect(appOf(files).services.map(({ name, public: isPublic }) => [name, isPublic])).toEqual([
      ["app", false],
      ["nginx", true],
    ]);
    expect(remarksOf(files)).toContain("`app` speaks FastCGI and not HTTP, so `nginx` stays in front of it.");
  });
  test("gives a health check its grace and timeout, with published and exposed ports", () => {
    const check = 'healthcheck: { test: "curl -f http://localhost:80/up", start_period: 3m, timeout: 20s }';
    for (const ports of ["ports: [80]", "expose: [80]"])
      expect(named(compose(`  api: { image: x/y, ${ports}, ${check} }`), "api")?.health).toEqual({
        path: "/up",
        grace: 180,
        timeout: 20,
      });
  });
  test("drops volumes that only guard files of the image", () => {
    const files = compose("  app: { build: ., ports: [80], volumes: ['.:/app', /app/node_modules, 'data:/data'] }", {
      Dockerfile: "FROM node:24",
    });
    expect(named(files, "app")?.volumes?.map(({ mount }) => mount)).toEqual(["/data"]);
  });
  test("runs commands that end as release jobs", () => {
    const files = compose(
      "  web: { build: ., ports: [80] }\n  migrate: { build: ., command: bin/migrate up, restart: on-failure }",
      { Dockerfile: "FROM node:24" },
    );
    expect(appOf(files).services.map(({ name }) => name)).toEqual(["web"]);
    expect(appOf(files).jobs).toMatchObject([{ name: "migrate", command: ["bin/migrate", "up"], when: "release" }]);
  });
  test("turns on a profile only where nothing of the app runs without one", () => {
    const db = "  db: { image: 'mongo:7' }\n";
    const api = "  api: { build: ., expose: [3000], profiles: [production] }\n";
    const files = compose(db + api, { Dockerfile: "FROM node:24" });
    expect(appOf(files).services.map(({ name }) => name)).toEqual(["api"]);
    expect(remarksOf(files)).toContain(
      "Nothing of the app starts without a profile, so the profile `production` is on.",
    );
    const both = compose(`${db}${api}  web: { image: x/y, ports: [80] }\n`, { Dockerfile: "FROM node:24" });
    expect(appOf(both).services.map(({ name }) => name)).toEqual(["web"]);
    expect(remarksOf(both)).toContain("Services of a profile are not started by default, and left out: `api`.");
  });
  test("requires only what it says must be set", () => {
    const environment = "environment: ['S3_BUCKET=${S3_BUCKET}', 'NAME=${NAME:?say a name}', 'USE_EMAIL=${USE_EMAIL}']";
    const { variables } = appOf(compose(`  app: { image: x/y, ports: [80], ${environment} }`));
    expect(variables.map(({ name, required, type }) => [name, required, type])).toEqual([
      ["S3_BUCKET", false, "text"],
      ["NAME", true, "text"],
      ["USE_EMAIL", false, "text"],
    ]);
  });
  test("with no replicas runs none, and says which ports are lost", () => {
    const files = compose("  web: { image: x/y, ports: [80, 8443] }\n  off: { image: x/y, deploy: { replicas: 0 } }");
    expect(appOf(files).services.map(({ name }) => name)).toEqual(["web"]);
    expect(remarksOf(files)).toContain("Only the first port of `web`, 80, is published; 8443 is not.");
  });
});

describe("connection strings stay as their author wrote them", () => {
  const dbs = "  db: { image: 'postgres:17' }\n  my: { image: 'mysql:8' }\n  cache: { image: 'redis:7' }\n";
  const filled = (name: string, value: string) => {
    const web = `  web: { image: x/y, ports: [80], environment: ${JSON.stringify({ [name]: value })} }\n  store: { image: x/store, expose: [8080] }\n`;
    const { resources, env = {}, variables, services } = appOf(compose(web + dbs));
    const declaredDefault = variables.find((item) => item.name === name)?.default;
    return (
      resources.find((item) => Object.hasOwn(item.env, name))?.env[name] ??
      env[name] ??
      services[0]?.env?.[name] ??
      declaredDefault
    );
  };
  const parts = "${username}:${password}@${host}:${port}/${name}";
  test.each([
    ["DATABASE_URL", "postgres://u:p@db/x", "${url}"],
    ["DATABASE_URL", "postgresql://u:p@db/x", `postgresql://${parts}`],
    ["DATABASE_URL", "postgresql+asyncpg://u:p@db:5432/x", `postgresql+asyncpg://${parts}`],
    ["DATABASE_URL", "postgres://u:p@db/x?sslmode=disable&pool=5", `postgres://${parts}?sslmode=disable&pool=5`],
    ["DATABASE_URL", "mysql2://u:p@my/x", `mysql2://${parts}`],
    [
      "JDBC",
      "jdbc:postgresql://db:5432/x?currentSchema=a",
      "jdbc:postgresql://${host}:${port}/${name}?currentSchema=a",
    ],
    [
      "DSN",
      "host=db user=app password=x dbname=y sslmode=disable",
      "host=${host} user=${username} password=${password} dbname=${name} sslmode=disable",
    ],
    [
      "DSN",
      "Server=db;User Id=app;Password=x;Database=y",
      "Server=${host};User Id=${username};Password=${password};Database=${name}",
    ],
    ["DSN", "u:p@tcp(my:3306)/x?parseTime=true", "${username}:${password}@tcp(${host}:${port})/${name}?parseTime=true"],
    ["REDIS", "redis://cache:6379/2", "${url}/2"],
    ["DB_CONNECTION", "mysql", "mysql"],
    ["CACHE_DRIVER", "redis", "redis"],
    ["DB_HOST", "my", "${host}"],
    ["JAVA_OPTS", "-Xmx1g -Dapp.store=http://store:8080", "-Xmx1g -Dapp.store=http://${service.store.host}:8080"],
    ["OPTS", "--db db:5432 --verbose", "--db ${host}:${port} --verbose"],
  ])("%s=%s becomes %s", (name, value, expected) => expect(filled(name, value)).toBe(expected));

  test.each([
    ["DATABASE_URL", "postgresql+psycopg://u:p@localhost/x?a=b", `postgresql+psycopg://${parts}?a=b`],
    ["SPRING_DATASOURCE_URL", "", "jdbc:postgresql://${host}:${port}/${name}"],
    ["SPRING_DATASOURCE_USERNAME", "", "${username}"],
    ["SPRING_DATASOURCE_PASSWORD", "", "${password}"],
  ])("an app.json's %s=%s is bound as %s", (name, value, expected) => {
    const manifest = { image: "x/y", addons: ["heroku-postgresql"], env: { [name]: { value } } };
    const { resources } = appOf({ "app.json": JSON.stringify(manifest) });
    expect(resources[0]?.env[name]).toBe(name === "DATABASE_URL" ? "${url}" : expected);
  });
});

test.each([
  ["90s", 90],
  ["1m30s", 90],
  ["500ms", 0.5],
  ["45", 45],
  ["soon", undefined],
  ["", undefined],
])("the duration %s is %s seconds", (text, expected) => expect(seconds(text)).toBe(expected));
