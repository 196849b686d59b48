import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createTestApp } from "../harness/test-app.ts";

const testApp = createTestApp({
  repos: {
    hello: {
      "app.json": '{"env":{"A":{"description":"?"},"B":{"value":"b"}}}',
      Procfile: "web: x",
      "package.json": "{}",
    },
    broken: { "app.json": "{" },
  },
});
afterAll(testApp.counter.stop);

const segment = fc.oneof(
  fc.constantFrom(
    "local",
    "github.com",
    "apps",
    "hello",
    "broken",
    "script",
    "badge.svg",
    "badge",
    "manifest",
    "stats",
    "stats.csv",
    "settings",
    "report",
    "operator",
    "account",
    "sign-in",
    "callback",
    "sign-out",
  ),
  fc.constantFrom(
    "deployments",
    "events",
    "removal",
    "retry",
    "stack",
    "tree",
    "main",
    "..",
    ".",
    "",
    "%00",
    "%",
    "%2e%2e",
    "%2f",
    "\\",
  ),
  fc.constantFrom(
    "https:",
    "git@github.com:o",
    "r.git",
    "__proto__",
    "constructor",
    "assets",
    "style.css",
    "connect",
    "aws",
    ".well-known",
  ),
  fc
    .string({ maxLength: 8 })
    .map(encodeURIComponent)
    .filter((text) => text !== ""),
);
const path = fc.array(segment, { maxLength: 7 }).map((words) => `/${words.join("/")}`);
const key = fc.constantFrom(
  "repo",
  "ref",
  "path",
  "commit",
  "cloud",
  "region",
  "preset",
  "request",
  "env[A]",
  "env[B]",
  "env[",
  "access[x]",
  "after",
  "style",
  "count",
  "label",
  "v",
  "__proto__",
);
const value = fc.oneof(
  fc.constantFrom(
    "",
    "local/apps/hello",
    "script",
    "here",
    "economy",
    "HEAD",
    "x".repeat(300),
    "0".repeat(40),
    "../..",
    "\0",
    "\u202e",
    "-1",
    "1e9",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const fields = fc.array(fc.tuple(key, value), { maxLength: 6 });
const query = (queryPairs: [string, string][]) =>
  queryPairs.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join("=")).join("&");

test("any URL gets a response without an internal error or a redirect to another origin", async () => {
  await fc.assert(
    fc.asyncProperty(
      path,
      fields,
      fc.constantFrom("GET", "HEAD", "POST", "DELETE"),
      async (requestPath, queryPairs, method) => {
        const url = URL.parse(`${requestPath}?${query(queryPairs)}`, "http://localhost:8080");
        if (url === null || url.origin !== "http://localhost:8080") return;
        const headers = { accept: queryPairs.length % 2 ? "text/html" : "application/json" };
        const response = await testApp.app.request(url.href, { method, headers });
        expect(response.status === 502 || response.status < 500).toBe(true);
        const location = response.headers.get("location");
        if (location !== null) expect(new URL(location, url).origin).toBe(url.origin);
        await response.body?.cancel();
        expect(testApp.bugs).toEqual([]);
      },
    ),
    { numRuns: 1500 },
  );
}, 60_000);

test("any form or JSON body gets a response without an internal error", async () => {
  const actionPath = fc.constantFrom(
    "/deployments",
    "/deployments/deployment1/removal",
    "/deployments/deployment1/retry",
  );
  await fc.assert(
    fc.asyncProperty(actionPath, fields, fc.option(fc.json()), async (requestPath, queryPairs, json) => {
      const body = json ?? query([["repo", "local/apps/hello"], ["cloud", "script"], ...queryPairs]);
      const type = json === null ? "application/x-www-form-urlencoded" : "application/json";
      const response = await testApp.post(requestPath, body, { "content-type": type });
      expect(response.status).toBeLessThan(500);
      await response.text();
      expect(testApp.bugs).toEqual([]);
    }),
    { numRuns: 700 },
  );
}, 60_000);
