// Runs as a process of its own: serves the folder in its first argument on 127.0.0.1, at the port in its second.
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";

const contentTypes: Record<string, string> = {
  ".avif": "image/avif",
  ".css": "text/css; charset=utf-8",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};

const root = await realpath(process.argv[2] ?? ".");

/** Returns the file for a URL path, following links; null if it is missing or outside the folder. */
async function fileFor(path: string): Promise<string | null> {
  for (const candidate of [path, `${path}.html`, join(path, "index.html")]) {
    const file = await realpath(join(root, candidate)).catch(() => null);
    if (file?.startsWith(root + sep) && (await stat(file)).isFile()) return file;
  }
  return null;
}

function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(new URL(url, "http://site").pathname);
    // Dotfiles such as .env and .git belong to the repository, not to the site.
    return path.includes("\0") || /\/\.(?!well-known\/)/.test(path) ? null : path;
  } catch {
    return null;
  }
}

createServer(async (request, response) => {
  try {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const path = pathOf(request.url ?? "/");
    const found = path === null ? null : await fileFor(path);
    const file = found ?? (await fileFor("/404.html"));
    const type = contentTypes[extname(file ?? "").toLowerCase()] ?? (file ? "application/octet-stream" : "text/plain");
    response.writeHead(found ? 200 : 404, { "content-type": type, "x-content-type-options": "nosniff" });
    if (!file) response.end("Not found\n");
    else if (request.method === "HEAD") response.end();
    else await pipeline(createReadStream(file), response);
  } catch (error) {
    console.error(error);
    response.destroy();
  }
}).listen(Number(process.argv[3]), "127.0.0.1");
