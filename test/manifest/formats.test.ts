import { describe, expect, test } from "vitest";
import { appOf, readFiles, remarksOf, serviceNamed } from "./read-files.ts";

const docker = { Dockerfile: "FROM node:24\nEXPOSE 3000\n" };
const ports = (files: Record<string, string>) =>
  appOf(files).services.map(({ name, port, public: isPublic }) => [name, port, isPublic]);

describe("nothing is invented", () => {
  test("a Procfile with workers only has no web", () => {
    const files = {
      Procfile: "worker: node bot.js",
      "package.json": '{"scripts":{"start":"node bot.js"}}',
    };
    expect(ports(files)).toEqual([["worker", null, false]]);
  });
  test("processes outside a formation are not started, with a remark", () => {
    const files = {
      "app.json": '{"formation":{"web":{"quantity":1}}}',
      Procfile: "web: node web.js\ncache: node clear.js",
    };
    expect(ports(files).map(([name]) => name)).toEqual(["web"]);
    expect(remarksOf(files)).toContain("`cache` is not in the formation, so it is not started.");
  });
  test("a component of another repository is left out, with a remark", () => {
    const other = 'git: { repo_clone_url: "https://github.com/example/other.git", branch: main }';
    const files = {
      ".do/app.yaml": `name: x\nservices:\n  - { name: web, http_port: 80, dockerfile_path: Dockerfile }\n  - { name: other, http_port: 81, dockerfile_path: Dockerfile, ${other} }`,
      ...docker,
    };
    expect(ports(files)).toEqual([["web", 80, true]]);
    expect(remarksOf(files)).toContain("`other` is built from another repository, `other`, and is left out.");
    const render = {
      "render.yaml":
        "services: [{ type: web, name: web, runtime: docker }, { type: web, name: b, runtime: docker, repo: 'https://github.com/example/other' }]",
      ...docker,
    };
    expect(ports(render).map(([name]) => name)).toEqual(["web"]);
  });
  test("an empty file is passed over, with a remark", () => {
    const files = { "render.yaml": "", "fly.toml": 'app = "x"\n[http_service]\ninternal_port = 8080', ...docker };
    expect(ports(files)).toEqual([["app", 8080, true]]);
    expect(remarksOf(files)).toContain("render.yaml is empty, and is passed over.");
  });
  test("no remark says that a start is unknown which the manifest names", () => {
    const files = {
      "render.yaml": "services: [{ type: web, name: app, runtime: python, startCommand: python -m shop }]",
      "requirements.txt": "flask",
    };
    expect(remarksOf(files).filter((message) => message.includes("how it is started"))).toEqual([]);
  });
});

describe("nothing is lost", () => {
  test("a Dockerfile's port may stand in nested variables, in ENV PORT or in its command", () => {
    expect(ports({ Dockerfile: "FROM x\nARG port=5000\nENV APP_PORT=$port\nEXPOSE $APP_PORT" })[0]?.[1]).toBe(5000);
    expect(ports({ Dockerfile: "FROM x\nENV PORT 4000" })[0]?.[1]).toBe(4000);
    expect(ports({ Dockerfile: 'FROM x\nCMD ["serve", "--port", "7000"]' })[0]?.[1]).toBe(7000);
    expect(ports({ Dockerfile: "FROM x\nCMD gunicorn --bind 0.0.0.0:9000 a:b" })[0]?.[1]).toBe(9000);
  });
  test("every public service takes the port of the image that both run", () => {
    const services =
      "[{ type: web, name: one, runtime: docker }, { type: web, name: two, runtime: docker, dockerCommand: bin/two }]";
    expect(ports({ "render.yaml": `services: ${services}`, ...docker })).toEqual([
      ["one", 3000, true],
      ["two", 3000, true],
    ]);
  });
  test("fly.toml keeps the grace of a check and says which port is lost", () => {
    const toml = `[http_service]
internal_port = 3000
[[http_service.checks]]
path = "/up"
grace_period = "180s"
timeout = "5s"
[[services]]
internal_port = 3100
  [[services.ports]]
  port = 8443
  handlers = ["tls", "http"]`;
    const files = { "fly.toml": toml, ...docker };
    expect(serviceNamed(files, "app")).toMatchObject({ port: 3000, health: { path: "/up", grace: 180, timeout: 5 } });
    expect(remarksOf(files)).toContain("Only port 3000 of `app` is published; 3100 is not.");
  });
  test("other forms keep the grace of a check", () => {
    const healthOf = (files: Record<string, string>) => appOf(files).services[0]?.health;
    const check = "health_check: { http_path: /up, initial_delay_seconds: 60, timeout_seconds: 5 }";
    expect(
      healthOf({ ".do/app.yaml": `services: [{ name: web, dockerfile_path: Dockerfile, ${check} }]`, ...docker }),
    ).toEqual({ path: "/up", grace: 60, timeout: 5 });
    const railway = '{"deploy":{"startCommand":"x","healthcheckPath":"/up","healthcheckTimeout":300}}';
    expect(healthOf({ "railway.json": railway, ...docker })).toEqual({ path: "/up", grace: 300 });
  });
  test("heroku.yml passes build arguments on, and counts only on the stack `container`", () => {
    const yml = "build: { docker: { web: Dockerfile }, config: { EDITION: community } }\nrun: { web: ./x }";
    const files = { "app.json": '{"stack":"container"}', "heroku.yml": yml, ...docker };
    expect(appOf(files).build).toMatchObject({ kind: "dockerfile", args: { EDITION: "community" } });
    const plain = {
      "app.json": '{"env":{"A":"b"}}',
      "heroku.yml": "run: { web: ./migrate.sh }",
      Procfile: "web: gunicorn shop.wsgi",
      "requirements.txt": "gunicorn",
    };
    expect(appOf(plain).services[0]?.command).toBe("gunicorn shop.wsgi");
  });
  test.each([
    ["service: { port: 80, targetPort: 3000 }", 3000],
    ["containerPorts: { http: 8080 }\nservice: { port: 80 }", 8080],
    [
      "service: { port: 80 }\ningress: { hosts: [{ paths: [{ path: /, backend: { service: { port: { number: 3000 } } } }] }] }",
      3000,
    ],
  ])("a chart with %s listens on %i", (values, port) => {
    const files = { "Chart.yaml": "name: x", "values.yaml": `image: x/y\n${values}` };
    expect(appOf(files).services[0]?.port).toBe(port);
    expect(remarksOf(files).some((message) => message.includes("the Service's port"))).toBe(false);
  });
  test("a chart that names only the Service's port says so", () => {
    const files = { "Chart.yaml": "name: x", "values.yaml": "image: x/y\nservice: { port: 80 }" };
    expect(remarksOf(files)).toContain(
      "Nothing says at which port the container listens; the Service's port 80 is taken.",
    );
  });
  test("convox.yml: `port` is public, `ports` are internal, variables and volumes count", () => {
    const yml = `environment: [PORT=3000]
services:
  web: { build: ., port: "\${PORT}", volumes: [/app/content] }
  rpc: { build: ., ports: [5001] }`;
    const files = { "convox.yml": yml, Dockerfile: "FROM alpine" };
    expect(ports(files)).toEqual([
      ["web", 3000, true],
      ["rpc", 5001, false],
    ]);
    expect(serviceNamed(files, "web")?.volumes?.map(({ mount }) => mount)).toEqual(["/app/content"]);
  });
  test("a private service on Render listens on 10000, and rootDir holds Dockerfile and context", () => {
    const yaml =
      "services: [{ type: web, name: w, runtime: docker, rootDir: app }, { type: pserv, name: p, runtime: docker }]";
    const files = { "render.yaml": yaml, "app/Dockerfile": "FROM x", ...docker };
    expect(serviceNamed(files, "p")).toMatchObject({ port: 10_000, public: false });
    expect(appOf(files).build).toEqual({ kind: "dockerfile", dockerfile: "app/Dockerfile", context: "app" });
  });
  test("a static site of DigitalOcean is its source_dir", () => {
    const files = {
      ".do/app.yaml": "static_sites: [{ name: site, environment_slug: html, source_dir: frontend }]",
      "frontend/index.html": "<p>",
    };
    expect(appOf(files).build).toEqual({ kind: "command", command: null, publish: "frontend" });
  });
  test("a variable of a service further down is known, with a remark on what must agree", () => {
    const yaml = `services:
  - type: web
    name: app
    runtime: docker
    envVars: [{ key: STORE_PASSWORD, fromService: { type: pserv, name: store, envVarKey: ROOT_PASSWORD } }]
  - { type: pserv, name: store, runtime: docker, envVars: [{ key: ROOT_PASSWORD, generateValue: true }] }`;
    const files = { "render.yaml": yaml, ...docker };
    expect(remarksOf(files)).toEqual(["`STORE_PASSWORD` and `ROOT_PASSWORD` of `store` must have the same value."]);
    expect(readFiles(files).app?.variables.map(({ generator }) => generator)).toEqual([null, null]);
  });
  test("a resource may have `_` in its name, in the suggestion too", () => {
    const yml =
      "resources: { main_database: { type: postgres } }\nservices: { web: { image: x/y, port: 3000, resources: [main_database] } }";
    expect(appOf({ "convox.yml": yml }).resources[0]?.name).toBe("main_database");
    const own = '{"image":"x/y","cloud":{"resources":{"main_database":{"type":"postgres"}}}}';
    expect(appOf({ "app.json": own }).resources[0]?.name).toBe("main_database");
  });
});
