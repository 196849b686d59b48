import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Problems } from "../../routes/openapi/schemas.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

// Malicious requests to the real server, as raw bytes where fetch would correct them.

const nested = (open: string, close: string) => `{"name":"Deep","env":${open.repeat(10_000)}1${close.repeat(10_000)}}`;
const nodeApp = { "package.json": '{"scripts":{"start":"node server.js"}}', "server.js": "" };
const roots = appsFolder({
  hello: { ...nodeApp, "app.json": '{"name":"Hello","env":{"NAME":{"description":"Who?"}}}' },
  names: {
    ...nodeApp,
    "app.json":
      '{"name":"Names","env":{"constructor":{"value":"c"},"toString":{},"__proto__":{"value":"p"},"valueOf":{}}}',
  },
  huge: { ...nodeApp, "app.json": `{"name":"Huge","description":"${"x".repeat(4_900_000)}"}` },
  many: {
    ...nodeApp,
    "app.json": JSON.stringify({
      env: Object.fromEntries(
        Array.from({ length: 60_000 }, (_, n) => [`VARIABLE_${n}`, { description: "x".repeat(40) }]),
      ),
    }),
  },
  larger: { ...nodeApp, "app.json": `{"name":"Larger","description":"${"x".repeat(5_100_000)}"}` },
  objects: { ...nodeApp, "app.json": nested('{"a":', "}") },
  lists: { ...nodeApp, "app.json": nested("[", "]") },
  unclosed: { ...nodeApp, "app.json": '{"env":['.repeat(10_000) },
  yaml: { ...nodeApp, "compose.yaml": `services: ${"[".repeat(10_000)}` },
});

const { dataDir, dispose } = createDataDir();
let server: TestServer;
let port: number;
beforeAll(async () => {
  port = await freePort();
  server = await serve({ port, dataDir, env: { LOCAL_REPOS: roots } });
});
afterAll(async () => {
  expect(server.output()).not.toContain("threw");
  await server.end();
  dispose();
});

const get = (path: string, init: RequestInit = {}) => fetch(`${server.origin}${path}`, { redirect: "manual", ...init });

/** Sends raw bytes and returns everything received until the socket closes or times out. */
const sendRaw = (...parts: string[]) =>
  new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", async () => {
      for (const part of parts) {
        socket.write(part, "latin1");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    socket.setTimeout(5000, () => socket.destroy());
    socket.on("data", (chunk) => (text += chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
const statusOf = (text: string) => Number(text.match(/^HTTP\/1\.1 (\d+)/)?.[1]);

test.each(["objects", "lists", "unclosed", "yaml", "huge", "larger", "many"])(
  "every page answers for the manifest %s, and the server stays up",
  async (name) => {
    for (const page of ["", "/manifest", "/badge", "/local", "/badge.svg", "/stats"]) {
      const response = await get(`/local/apps/${name}${page}`);
      const text = await response.text();
      expect([name, page, response.status < 500, text.length < 8_000_000]).toEqual([name, page, true, true]);
    }
    expect((await get("/up")).status).toBe(200);
  },
);

test("variables named like properties of Object.prototype work like any other", async () => {
  const page = await (await get("/local/apps/names/local")).text();
  expect(page).not.toContain("[native code]");
  const read = await (await get("/local/apps/names", { headers: { accept: "application/json" } })).json();
  const names = (read as { app: { variables: { name: string }[] } }).app.variables.map(({ name }) => name);
  for (const name of names) expect(page).toContain(`name="env[${name}]"`);
  const form = new URLSearchParams({
    repo: "local/apps/names",
    cloud: "local",
    "env[constructor]": "x",
    "env[nothing]": "",
  });
  const formResponse = await get("/deployments", { method: "POST", body: form });
  expect(formResponse.status).toBe(422);
  const text = await formResponse.text();
  expect(text).not.toContain("[native code]");
  expect(text).toContain("nothing");
});

test("DNS rebinding gets no page and starts nothing", async () => {
  const body = "repo=local/apps/hello&cloud=local&env[NAME]=x";
  for (const host of [
    `evil.example:${port}`,
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
  ]) {
    for (const path of ["/", "/local/apps/hello", "/local/apps/hello/stats", "/deployments/x/events", "/metrics"])
      expect([
        host,
        path,
        statusOf(await sendRaw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)),
      ]).toEqual([host, path, 421]);
    const posted = await sendRaw(
      `POST /deployments HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect([host, statusOf(posted)]).toEqual([host, 421]);
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST", "localhost:9999"])
    expect([host, statusOf(await sendRaw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))]).toEqual([
      host,
      200,
    ]);
}, 30_000);

test("an invalid Host header is refused, and an absolute request URL is not trusted", async () => {
  for (const host of [
    "",
    "a b",
    "localhost/..",
    "user@localhost",
    "localhost:99999",
    "a\u00e9",
    "localhost\\@x",
    "#",
    "[::",
  ]) {
    const status = statusOf(await sendRaw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    expect([host, status >= 400 && status < 500]).toEqual([host, true]);
  }
  expect(statusOf(await sendRaw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))).toBe(400);
  const absolute = await sendRaw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(statusOf(absolute)).toBeGreaterThanOrEqual(400);
  expect(statusOf(absolute)).toBeLessThan(500);
}, 30_000);

test("the body limit holds for chunked bodies", async () => {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const headResponse = `POST /deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  expect(statusOf(await sendRaw(headResponse, ...Array.from({ length: 12 }, () => chunk), "0\r\n\r\n"))).toBe(413);
  expect(statusOf(await sendRaw(headResponse, "5\r\nrepo=\r\n0\r\n\r\n"))).toBe(422);
  const lying =
    "POST /deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n{";
  expect(statusOf(await sendRaw(lying))).toBe(413);
  expect((await get("/up")).status).toBe(200);
});

test("deeply nested JSON gets a readable error", async () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const depth = Math.floor(400_000 / (open.length + close.length));
    const body = `{"repo":"local/apps/hello","cloud":"local","access":{"x":${open.repeat(depth)}1${close.repeat(depth)}}}`;
    const response = await get("/deployments", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(422);
    expect(Problems.parse(await response.json()).problems.length).toBeGreaterThan(0);
  }
});

test("tens of thousands of form fields and query keys are handled", async () => {
  const fields = Array.from({ length: 40_000 }, (_, n) => `env[A${n}]=`).join("&");
  const form = await get("/deployments", {
    method: "POST",
    body: `repo=local/apps/hello&cloud=local&${fields}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  expect(form.status).toBe(422);
  for (const query of [
    "a&".repeat(7000),
    "env[A]=1&".repeat(1500),
    "ref=&".repeat(3000),
    "%&".repeat(5000),
    "__proto__=1&constructor=2",
  ])
    expect([query.slice(0, 20), (await get(`/local/apps/hello?${query}`)).status]).toEqual([query.slice(0, 20), 200]);
  expect((await get(`/local/apps/hello?ref=${"x".repeat(10_000)}`)).status).toBe(400);
  expect((await get(`/${"x".repeat(10_000)}`)).status).toBe(404);
  expect((await get(`/?repo=${"x".repeat(10_000)}`)).status).toBe(422);
  expect((await get(`/${"x".repeat(20_000)}`)).status).toBe(431);
});

test("every page answers HEAD like GET, without a body", async () => {
  for (const path of [
    "/",
    "/local/apps/hello",
    "/local/apps/hello/local",
    "/local/apps/hello/badge.svg",
    "/nothing",
    "/up",
    "/deployments/x",
  ]) {
    const headResponse = await get(path, { method: "HEAD" });
    expect([path, headResponse.status, await headResponse.text()]).toEqual([path, (await get(path)).status, ""]);
  }
});

test("CORS preflights and cross-site requests are refused", async () => {
  for (const path of ["/deployments", "/deployments/x/removal", "/", "/local/apps/hello"]) {
    const response = await get(path, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect([path, response.headers.get("access-control-allow-origin")]).toEqual([path, null]);
    expect(response.status).toBeLessThan(500);
  }
  for (const method of ["PUT", "DELETE", "PATCH", "PROPFIND"])
    expect((await get("/deployments/x", { method, headers: { origin: "https://evil.example" } })).status).toBe(403);
  for (const method of ["PUT", "DELETE", "PATCH"]) expect((await get("/deployments/x", { method })).status).toBe(404);
});

test("GET on a POST route changes nothing", async () => {
  const getResponse = await get("/deployments");
  expect([getResponse.status, getResponse.headers.get("allow")]).toEqual([405, "POST"]);
  const retry = await get("/deployments/abc/retry");
  expect([retry.status, retry.headers.get("location")]).toEqual([303, "/deployments/abc"]);
  expect((await get("/deployments/abc/removal")).status).toBe(404);
  expect((await get("/local/apps/hello", { method: "POST" })).status).toBe(404);
});

test.each([
  ["application/json", "application/json"],
  ["Application/JSON; q=0.9", "application/json"],
  ["application/json, text/plain, */*", "application/json"],
  ["text/html,application/json", "text/html"],
  ["*/*", "text/html"],
  ["", "text/html"],
  ["image/png", "text/html"],
  [`${"x/y,".repeat(2000)}text/html`, "text/html"],
  ["\t;;;q=;", "text/html"],
])("the Accept header %j selects a supported type", async (accept, type) => {
  for (const path of ["/", "/local/apps/hello", "/local/apps/nothing"]) {
    const response = await get(path, { headers: { accept } });
    expect(response.headers.get("content-type")).toContain(type);
    await response.text();
  }
});

test("every unknown URL gets our own 404 page", async () => {
  for (const path of ["/nothing", "/connect/aws/nothing", "/connect/aws/template?way=x", "/.well-known/nothing"]) {
    const page = await get(path, { headers: { accept: "text/html" } });
    expect([path, page.status]).toEqual([path, 404]);
    expect(await page.text()).toContain("Page not found");
    const twin = await get(path, { headers: { accept: "application/json" } });
    expect(Problems.parse(await twin.json()).problems).toHaveLength(1);
  }
});

test("redirects cannot be used for header injection", async () => {
  for (const path of [
    "/?repo=a/b%0d%0aSet-Cookie:%20x=1",
    "/https://github.com/a/b%0d%0aSet-Cookie:x",
    "/github.com/a/b/tree/x%0d%0ay",
    "/?repo=https://github.com/a/b/tree/%0aLocation:%20//evil.example",
    "/deployments/%0d%0aSet-Cookie:x/retry",
    "/deployments/..%2f..%2f%2fevil.example/retry",
  ]) {
    const response = await get(path);
    expect([path, response.headers.get("set-cookie")]).toEqual([path, null]);
    const location = response.headers.get("location");
    if (location !== null) expect(new URL(location, server.origin).origin).toBe(server.origin);
    expect(response.status).toBeLessThan(500);
  }
});

test("five simultaneous submits start one deployment", async () => {
  const form = () =>
    new URLSearchParams({ repo: "local/apps/hello", cloud: "local", request: "five", "env[NAME]": "Ada" });
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      get("/deployments", { method: "POST", body: form(), headers: { origin: server.origin } }),
    ),
  );
  const [at = ""] = answers.map(({ headers }) => headers.get("location") ?? "");
  expect(answers.map(({ status, headers }) => [status, headers.get("location")])).toEqual(answers.map(() => [303, at]));
  // Different answers are a different deployment.
  const otherAnswers = form();
  otherAnswers.set("env[NAME]", "Grace");
  const second = await get("/deployments", { method: "POST", body: otherAnswers });
  expect(second.headers.get("location")).not.toBe(at);
  for (const path of [at, second.headers.get("location")]) await get(`${path}/removal`, { method: "POST" });
});
