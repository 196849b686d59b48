import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { Hono } from "hono";

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface Asset {
  body: string;
  type: string;
  version: string;
}

const loaded = new Map<string, Asset | null>();

function load(name: string): Asset | null {
  const type = types[extname(name)];
  if (!type || !/^[a-z][a-z-]*\.[a-z]+$/.test(name)) return null;
  try {
    const body = readFileSync(new URL(`../../views/${name}`, import.meta.url), "utf8");
    return { body, type, version: createHash("sha256").update(body).digest("base64url").slice(0, 10) };
  } catch {
    return null;
  }
}

function asset(name: string): Asset | null {
  let found = loaded.get(name);
  if (found === undefined) {
    found = load(name);
    // Only names that exist are kept: anybody can ask for any number of others.
    if (found) loaded.set(name, found);
  }
  return found;
}

/** The address of a style sheet or script, which changes whenever the file does. */
export function assets(name: string): string {
  const found = asset(name);
  if (!found) throw new Error(`views/${name} does not exist`);
  return `/assets/${name}?v=${found.version}`;
}

export const assetFiles = () =>
  new Hono().get("/assets/:name", (c) => {
    const found = asset(c.req.param("name"));
    if (!found) return c.notFound();
    const known = c.req.query("v") === found.version;
    return c.body(found.body, 200, {
      "Content-Type": found.type,
      "Cache-Control": known ? "public, max-age=31536000, immutable" : "no-cache",
    });
  });
