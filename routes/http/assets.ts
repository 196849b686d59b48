import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { Hono } from "hono";

// In the order of the cascade: general files first, `overrides.css` last.
const styleSheets = [
  "style.css",
  "layout.css",
  "app-header.css",
  "lists.css",
  "notes.css",
  "forms.css",
  "snippet.css",
  "repositories/home.css",
  "repositories/app-page.css",
  "repositories/configure.css",
  "repositories/manifest-page.css",
  "repositories/annotated-file.css",
  "access/access-step.css",
  "deployments/deployment.css",
  "maintainers/tabs.css",
  "maintainers/badge-studio.css",
  "maintainers/pull-request.css",
  "maintainers/settings.css",
  "stats/stats.css",
  "webhooks/webhooks.css",
  "overrides.css",
];

/** The files of `views/` behind each public name. URLs stay when files move. */
const sources = new Map<string, string[]>([
  ["mark.svg", ["mark.svg"]],
  ["style.css", styleSheets],
  ["copy.js", ["copy.js"]],
  ["configure.js", ["repositories/configure.js"]],
  ["deployment.js", ["deployments/deployment.js"]],
  ["stats.js", ["stats/stats.js"]],
  ["studio.js", ["maintainers/studio.js"]],
]);

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface Asset {
  body: string;
  type: string;
  version: string;
}

const cache = new Map<string, Asset>();

/** Returns the asset with this public name, read on first use; null if there is none. */
function assetByName(name: string): Asset | null {
  const cached = cache.get(name);
  if (cached) return cached;
  const files = sources.get(name);
  if (!files) return null;
  const body = files.map((file) => readFileSync(new URL(`../../views/${file}`, import.meta.url), "utf8")).join("\n");
  const version = createHash("sha256").update(body).digest("base64url").slice(0, 10);
  const asset = { body, type: contentTypes[extname(name)] ?? "application/octet-stream", version };
  cache.set(name, asset);
  return asset;
}

/** Returns the URL of a style sheet, script or image. The URL changes whenever the content does. */
export function assets(name: string): string {
  const asset = assetByName(name);
  if (!asset) throw new Error(`There is no asset called ${name}: add it to routes/http/assets.ts`);
  return `/assets/${name}?v=${asset.version}`;
}

/** Creates the route that serves every asset, cached for a year under its current version. */
export const assetRoutes = () =>
  new Hono().get("/assets/:name", (c) => {
    const asset = assetByName(c.req.param("name"));
    if (!asset) return c.notFound();
    const isCurrent = c.req.query("v") === asset.version;
    return c.body(asset.body, 200, {
      "Content-Type": asset.type,
      "Cache-Control": isCurrent ? "public, max-age=31536000, immutable" : "no-cache",
    });
  });
