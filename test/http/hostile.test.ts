import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Problems } from "../../routes/openapi/schemas.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

// What nobody means well sends to the real server, byte by byte where fetch is too polite.

const deep = (open: string, close: string) => `{"name":"Deep","env":${open.repeat(10_000)}1${close.repeat(10_000)}}`;
const start = { "package.json": '{"scripts":{"start":"node server.js"}}', "server.js": "" };
const roots = appsFolder({
  hello: { ...start, "app.json": '{"name":"Hello","env":{"NAME":{"description":"Who?"}}}' },
  names: {
    ...start,
    "app.json":
      '{"name":"Names","env":{"constructor":{"value":"c"},"toString":{},"__proto__":{"value":"p"},"valueOf":{}}}',
  },
  huge: { ...start, "app.json": `{"name":"Huge","description":"${"x".repeat(4_900_000)}"}` },
  many: {
    ...start,
    "app.json": JSON.stringify({
      env: Object.fromEntries(
        Array.from({ length: 60_000 }, (_, n) => [`VARIABLE_${n}`, { description: "x".repeat(40) }]),
      ),
    }),
  },
  larger: { ...start, "app.json": `{"name":"Larger","description":"${"x".repeat(5_100_000)}"}` },
  objects: { ...start, "app.json": deep('{"a":', "}") },
  lists: { ...start, "app.json": deep("[", "]") },
  unclosed: { ...start, "app.json": '{"env":['.repeat(10_000) },
  yaml: { ...start, "compose.yaml": `services: ${"[".repeat(10_000)}` },
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

/** Sends exactly this, and gives all that comes back until the other side closes or nothing more comes. */
const raw = (...parts: string[]) =>
  new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", async () => {
      for (const part of parts) {
        socket.write(part, "latin1");
        await new Promise((next) => setTimeout(next, 5));
      }
    });
    socket.setTimeout(5000, () => socket.destroy());
    socket.on("data", (chunk) => (text += chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
const statusOf = (text: string) => Number(text.match(/^HTTP\/1\.1 (\d+)/)?.[1]);

test.each(["objects", "lists", "unclosed", "yaml", "huge", "larger", "many"])(
  "the manifest %s is answered on every page of it, and the server lives on",
  async (name) => {
    for (const page of ["", "/manifest", "/badge", "/local", "/badge.svg", "/stats"]) {
      const answer = await get(`/local/apps/${name}${page}`);
      const text = await answer.text();
      expect([name, page, answer.status < 500, text.length < 8_000_000]).toEqual([name, page, true, true]);
    }
    expect((await get("/up")).status).toBe(200);
  },
);

test("variables named as what every object has are variables like others", async () => {
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
  const again = await get("/deployments", { method: "POST", body: form });
  expect(again.status).toBe(422);
  const text = await again.text();
  expect(text).not.toContain("[native code]");
  expect(text).toContain("nothing");
});

test("a name rebound to this machine gets no page and starts nothing", async () => {
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
        statusOf(await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)),
      ]).toEqual([host, path, 421]);
    const posted = await raw(
      `POST /deployments HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect([host, statusOf(posted)]).toEqual([host, 421]);
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST", "localhost:9999"])
    expect([host, statusOf(await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))]).toEqual([
      host,
      200,
    ]);
}, 30_000);

test("a Host that is none is refused, and an absolute address in its place is not believed", async () => {
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
    const status = statusOf(await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    expect([host, status >= 400 && status < 500]).toEqual([host, true]);
  }
  expect(statusOf(await raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))).toBe(400);
  const absolute = await raw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(statusOf(absolute)).toBeGreaterThanOrEqual(400);
  expect(statusOf(absolute)).toBeLessThan(500);
}, 30_000);

test("a body without a length is stopped where the others are", async () => {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const head = `POST /deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  expect(statusOf(await raw(head, ...Array.from({ length: 12 }, () => chunk), "0\r\n\r\n"))).toBe(413);
  expect(statusOf(await raw(head, "5\r\nrepo=\r\n0\r\n\r\n"))).toBe(422);
  const lying =
    "POST /deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n{";
  expect(statusOf(await raw(lying))).toBe(413);
  expect((await get("/up")).status).toBe(200);
});

test("JSON as deep as a body may be is a sentence", async () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const depth = Math.floor(400_000 / (open.length + close.length));
    const body = `{"repo":"local/apps/hello","cloud":"local","access":{"x":${open.repeat(depth)}1${close.repeat(depth)}}}`;
    const answer = await get("/deployments", { method: "POST", body, headers: { "content-type": "application/json" } });
    expect(answer.status).toBe(422);
    expect(Problems.parse(await answer.json()).problems.length).toBeGreaterThan(0);
  }
});

test("fifty thousand fields, or as many keys as a URL can hold, are answered like others", async () => {
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

test("every page answers HEAD as GET, without a body", async () => {
  for (const path of [
    "/",
    "/local/apps/hello",
    "/local/apps/hello/local",
    "/local/apps/hello/badge.svg",
    "/nothing",
    "/up",
    "/deployments/x",
  ]) {
    const head = await get(path, { method: "HEAD" });
    expect([path, head.status, await head.text()]).toEqual([path, (await get(path)).status, ""]);
  }
});

test("no other site may read or send, whatever it asks first", async () => {
  for (const path of ["/deployments", "/deployments/x/removal", "/", "/local/apps/hello"]) {
    const answer = await get(path, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect([path, answer.headers.get("access-control-allow-origin")]).toEqual([path, null]);
    expect(answer.status).toBeLessThan(500);
  }
  for (const method of ["PUT", "DELETE", "PATCH", "PROPFIND"])
    expect((await get("/deployments/x", { method, headers: { origin: "https://evil.example" } })).status).toBe(403);
  for (const method of ["PUT", "DELETE", "PATCH"]) expect((await get("/deployments/x", { method })).status).toBe(404);
});

test("what must be posted changes nothing when it is only opened", async () => {
  const opened = await get("/deployments");
  expect([opened.status, opened.headers.get("allow")]).toEqual([405, "POST"]);
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
])("an Accept of %j gets what can be shown", async (accept, type) => {
  for (const path of ["/", "/local/apps/hello", "/local/apps/nothing"]) {
    const answer = await get(path, { headers: { accept } });
    expect(answer.headers.get("content-type")).toContain(type);
    await answer.text();
  }
});

test("what leads nowhere says so in our words, everywhere", async () => {
  for (const path of ["/nothing", "/connect/aws/nothing", "/connect/aws/template?way=x", "/.well-known/nothing"]) {
    const page = await get(path, { headers: { accept: "text/html" } });
    expect([path, page.status]).toEqual([path, 404]);
    expect(await page.text()).toContain("There is nothing at this address");
    const twin = await get(path, { headers: { accept: "application/json" } });
    expect(Problems.parse(await twin.json()).problems).toHaveLength(1);
  }
});

test("a redirect carries no header of somebody else's", async () => {
  for (const path of [
    "/?repo=a/b%0d%0aSet-Cookie:%20x=1",
    "/https://github.com/a/b%0d%0aSet-Cookie:x",
    "/github.com/a/b/tree/x%0d%0ay",
    "/?repo=https://github.com/a/b/tree/%0aLocation:%20//evil.example",
    "/deployments/%0d%0aSet-Cookie:x/retry",
    "/deployments/..%2f..%2f%2fevil.example/retry",
  ]) {
    const answer = await get(path);
    expect([path, answer.headers.get("set-cookie")]).toEqual([path, null]);
    const to = answer.headers.get("location");
    if (to !== null) expect(new URL(to, server.origin).origin).toBe(server.origin);
    expect(answer.status).toBeLessThan(500);
  }
});

test("five presses at the same instant are one deployment", async () => {
  const form = () =>
    new URLSearchParams({ repo: "local/apps/hello", cloud: "local", request: "five", "env[NAME]": "Ada" });
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      get("/deployments", { method: "POST", body: form(), headers: { origin: server.origin } }),
    ),
  );
  const [at = ""] = answers.map(({ headers }) => headers.get("location") ?? "");
  expect(answers.map(({ status, headers }) => [status, headers.get("location")])).toEqual(answers.map(() => [303, at]));
  // Who goes back and answers otherwise means another one.
  const other = form();
  other.set("env[NAME]", "Grace");
  const second = await get("/deployments", { method: "POST", body: other });
  expect(second.headers.get("location")).not.toBe(at);
  for (const path of [at, second.headers.get("location")]) await get(`${path}/removal`, { method: "POST" });
});
