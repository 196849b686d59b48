import { Hono } from "hono";
import { expect, test } from "vitest";
import { lazyRoutes } from "../../routes/http/lazy-routes.ts";

test("errors in lazily loaded routes reach onError", async () => {
  const errors: string[] = [];
  const app = new Hono().onError((error, c) => {
    errors.push(error.message);
    return c.text("our own page", 500);
  });
  const load = async () =>
    new Hono()
      .use("/deep", (_, next) => next())
      .get("/deep", () => {
        throw new Error("deep");
      })
      .get("/plain", async () => {
        throw new Error("plain");
      });
  app.get("*", lazyRoutes(load));
  for (const path of ["/deep", "/plain"]) {
    const response = await app.request(path);
    expect([response.status, await response.text()]).toEqual([500, "our own page"]);
  }
  expect(errors).toEqual(["deep", "plain"]);
});

test("a trailing slash works for lazily loaded routes", async () => {
  const app = new Hono({ strict: false });
  const lazy = lazyRoutes(async () => new Hono().get("/account", (c) => c.text("yours")));
  app.get("/account", lazy);
  const texts = ["/account", "/account/"].map(async (path) => (await app.request(path)).text());
  expect(await Promise.all(texts)).toEqual(["yours", "yours"]);
});
