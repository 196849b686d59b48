import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createTestApp } from "../harness/test-app.ts";

const one = createTestApp({
  repos: {
    hello: {
      "app.json": '{"env":{"A":{"description":"?"},"B":{"value":"b"}}}',
      Procfile: "web: x",
      "package.json": "{}",
    },
    broken: { "app.json": "{" },
  },
});
afterAll(one.counter.stop);

const word = fc.oneof(
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
const path = fc.array(word, { maxLength: 7 }).map((words) => `/${words.join("/")}`);
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
const query = (pairs: [string, string][]) =>
  pairs.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join("=")).join("&");

test("whatever address is asked for, the answer is ours: no failure of our own, nothing that leads elsewhere", async () => {
  await fc.assert(
    fc.asyncProperty(path, fields, fc.constantFrom("GET", "HEAD", "POST", "DELETE"), async (at, pairs, method) => {
      const url = URL.parse(`${at}?${query(pairs)}`, "http://localhost:8080");
      if (url === null || url.origin !== "http://localhost:8080") return;
      const headers = { accept: pairs.length % 2 ? "text/html" : "application/json" };
      const answer = await one.app.request(url.href, { method, headers });
      expect(answer.status === 502 || answer.status < 500).toBe(true);
      const to = answer.headers.get("location");
      if (to !== null) expect(new URL(to, url).origin).toBe(url.origin);
      await answer.body?.cancel();
      expect(one.bugs).toEqual([]);
    }),
    { numRuns: 1500 },
  );
}, 60_000);

test("whatever form or JSON is sent, it is an order or a sentence", async () => {
  const action = fc.constantFrom("/deployments", "/deployments/deployment1/removal", "/deployments/deployment1/retry");
  await fc.assert(
    fc.asyncProperty(action, fields, fc.option(fc.json()), async (at, pairs, json) => {
      const body = json ?? query([["repo", "local/apps/hello"], ["cloud", "script"], ...pairs]);
      const type = json === null ? "application/x-www-form-urlencoded" : "application/json";
      const answer = await one.post(at, body, { "content-type": type });
      expect(answer.status).toBeLessThan(500);
      await answer.text();
      expect(one.bugs).toEqual([]);
    }),
    { numRuns: 700 },
  );
}, 60_000);
