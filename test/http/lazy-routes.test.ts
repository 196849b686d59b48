import { Hono } from "hono";
import { expect, test } from "vitest";
import { lazyRoutes } from "../../routes/http/lazy-routes.ts";

test("what throws in routes that were loaded on demand is answered like everything else", async () => {
  const thrown: string[] = [];
  const app = new Hono().onError((error, c) => {
    thrown.push(error.message);
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
    const answer = await app.request(path);
    expect([answer.status, await answer.text()]).toEqual([500, "our own page"]);
  }
  expect(thrown).toEqual(["deep", "plain"]);
});

test("a slash at the end leads to the same page, whether it is loaded on demand or not", async () => {
  const app = new Hono({ strict: false });
  const demanded = lazyRoutes(async () => new Hono().get("/account", (c) => c.text("yours")));
  app.get("/account", demanded);
  const texts = ["/account", "/account/"].map(async (path) => (await app.request(path)).text());
  expect(await Promise.all(texts)).toEqual(["yours", "yours"]);
});
