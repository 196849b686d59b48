import { Hono } from "hono";
import { expect, test } from "vitest";
import { sameOriginPath } from "../../routes/http/same-origin-path.ts";
import { deleteSealedCookie, getSealedCookie, setSealedCookie } from "../../routes/http/sealed-cookie.ts";
import { createSeal } from "../../src/identity/seal.ts";

const origin = "https://slipway.example";
let time = Date.parse("2026-11-22T12:00:00Z");
const needs = { config: { origin }, seal: createSeal("a secret of thirty-two characters!"), now: () => new Date(time) };

const app = new Hono()
  .get("/keep/:who", (c) => {
    setSealedCookie(c, needs, c.req.param("who"), { verifier: "v3rifier" });
    return c.text("kept");
  })
  .get("/forget/:who", (c) => {
    deleteSealedCookie(c, needs, c.req.param("who"));
    return c.text("forgotten");
  })
  .get("/kept/:who", (c) => c.json({ value: getSealedCookie(c, needs, c.req.param("who")) }));

const ask = async (path: string, cookie = "") => {
  const response = await app.request(path, { headers: { cookie } });
  return { cookie: response.headers.get("set-cookie") ?? "", body: await response.text() };
};

test("what a browser keeps is sealed, for one provider, for ten minutes, and out of reach of scripts", async () => {
  const { cookie } = await ask("/keep/google");
  expect(cookie).toMatch(/^__Host-slipway_google=[\w-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(cookie).not.toContain("v3rifier");
  const [pair = ""] = cookie.split(";");
  expect((await ask("/kept/google", pair)).body).toBe('{"value":{"verifier":"v3rifier"}}');
  expect((await ask("/kept/github", pair.replace("google", "github"))).body).toBe('{"value":null}');
  expect((await ask("/kept/google", `${pair.slice(0, -2)}AA`)).body).toBe('{"value":null}');
  expect((await ask("/kept/google", "__Host-slipway_google=nonsense")).body).toBe('{"value":null}');
  // Another site of the same domain can put this name here, with what it was given itself.
  expect((await ask("/kept/google", pair.replace("__Host-", ""))).body).toBe('{"value":null}');
  time += 600_000;
  expect((await ask("/kept/google", pair)).body).toBe('{"value":null}');
  expect((await ask("/forget/google")).cookie).toMatch(/^__Host-slipway_google=; Max-Age=0; Path=\//);
});

test("only a path of our own is one to come back to", () => {
  expect(sameOriginPath("/github.com/o/r/gcp?ref=main&env[A]=b#x", origin)).toBe(
    "/github.com/o/r/gcp?ref=main&env[A]=b",
  );
  for (const bad of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
    "/\t/evil.example",
    "/..//evil.example",
    undefined,
  ])
    expect(sameOriginPath(bad, origin)).toBeNull();
});
