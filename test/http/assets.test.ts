import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assetRoutes, assets } from "../../routes/http/assets.ts";

const folder = join(import.meta.dirname, "../../views");
const routes = assetRoutes();
const bodyOf = async (name: string) => (await routes.request(assets(name))).text();

test("serves every style sheet as one file, in a fixed order that ends with the overrides", async () => {
  const css = await bodyOf("style.css");
  expect(css.startsWith(readFileSync(join(folder, "style.css"), "utf8"))).toBe(true);
  expect(css.endsWith(readFileSync(join(folder, "overrides.css"), "utf8"))).toBe(true);
});

test("serves every style sheet, script and image of the views", async () => {
  const names = ["style.css", "copy.js", "configure.js", "deployment.js", "stats.js", "studio.js", "mark.svg"];
  const served = (await Promise.all(names.map(bodyOf))).join("\n");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(css|js|svg)$/.test(file),
  );
  expect(files.length).toBeGreaterThan(20);
  const missing = files.filter((file) => !served.includes(readFileSync(join(folder, file), "utf8")));
  expect(missing).toEqual([]);
});

test("caches the current version for a year and asks browsers to revalidate any other", async () => {
  const url = assets("style.css");
  const cacheControl = async (path: string) => (await routes.request(path)).headers.get("cache-control");
  expect(await cacheControl(url)).toBe("public, max-age=31536000, immutable");
  expect(await cacheControl("/assets/style.css?v=0000000000")).toBe("no-cache");
  expect(await cacheControl("/assets/style.css")).toBe("no-cache");
});

test.each([
  "layout.css",
  "layout.ts",
  "deployments/deployment.js",
  "deployments%2fdeployment.js",
  "..%2fpackage.json",
  "%2e%2e%2fpackage.json",
  "..%5cpackage.json",
  "__proto__",
  "constructor",
  "%00",
])("does not serve /assets/%s", async (name) => {
  expect((await routes.request(`/assets/${name}`)).status).toBe(404);
});

test("a view that names an unknown asset fails with its name", () => {
  expect(() => assets("nothing.js")).toThrow("There is no asset called nothing.js");
});
