import type { IncomingMessage, ServerResponse } from "node:http";
import { type Badge, badgeFor } from "../../badges/index.ts";
import { createBadgeMemory } from "../../badges/memory-cache.ts";

/** A badge and the repository whose load is counted; null if its URL names none. */
export interface RepoBadge extends Badge {
  repo: string | null;
}

export interface Options {
  /** Draws the badge for a path with its query, such as `/github.com/o/r/badge.svg?style=flat`. */
  render(url: string): Promise<RepoBadge>;
  /** Counts a load in memory, without waiting. */
  record(repo: string, request: IncomingMessage): void;
  /** Milliseconds. */
  now(): number;
  /** Bytes of memory for badges. */
  maxBytes?: number;
}

const freshMs = 60_000;
/** Until this age a badge is served once more while a new one is drawn. */
const staleWhileRevalidateMs = 60 * 60_000;
/** Longer URLs are not cached: no README has them, and made-up ones must not fill the memory. */
const maxUrlLength = 2000;

const isBadge = /^\/[^/?]+\/[^/?]+\/[^/?]+\/badge\.svg(?:\?|$)/;

/** Returns the headers of a badge, which allow other sites to show it. */
export const badgeHeaders = ({ body, etag, cacheControl }: Badge) => ({
  "content-type": "image/svg+xml",
  "content-length": String(body.length),
  "cache-control": cacheControl,
  etag,
  "cross-origin-resource-policy": "cross-origin",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "x-content-type-options": "nosniff",
});

/**
 * Serves badges from memory, before the router and without a `Request`. The returned handler returns whether the request
 * was for a badge: `createServer((req, res) => serveBadge(req, res) || listener(req, res))`.
 */
export function createBadgeCache({ render, record, now, maxBytes = 56e6 }: Options) {
  const memory = createBadgeMemory<RepoBadge>(maxBytes);
  const drawing = new Map<string, Promise<RepoBadge>>();

  /** Draws a badge once for simultaneous requests. */
  function draw(url: string): Promise<RepoBadge> {
    const pending = drawing.get(url);
    if (pending) return pending;
    const drawn = render(url)
      .then((badge) => {
        if (url.length <= maxUrlLength) memory.put(url, badge, now());
        return badge;
      })
      .finally(() => drawing.delete(url));
    drawing.set(url, drawn);
    return drawn;
  }

  function cachedBadge(url: string): RepoBadge | undefined {
    const cached = memory.get(url);
    if (!cached) return undefined;
    const age = now() - cached.at;
    if (age > staleWhileRevalidateMs) return undefined;
    // If drawing fails, the stale badge is served until it expires.
    if (age > freshMs) draw(url).catch(() => {});
    return cached.badge;
  }

  function send(req: IncomingMessage, res: ServerResponse, badge: RepoBadge): void {
    const { body, etag, cacheControl, repo } = badge;
    if (repo && req.method === "GET") record(repo, req);
    const ifNoneMatch = req.headers["if-none-match"];
    if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, etag)) {
      res.writeHead(304, { "cache-control": cacheControl, etag }).end();
      return;
    }
    res.writeHead(200, badgeHeaders(badge));
    // The body is ASCII: as latin1, Node sends it together with the headers.
    res.end(req.method === "GET" ? body : "", "latin1");
  }

  return (req: IncomingMessage, res: ServerResponse): boolean => {
    if (req.method !== "GET" && req.method !== "HEAD") return false;
    const url = req.url ?? "";
    const badge = cachedBadge(url);
    if (badge) {
      send(req, res, badge);
      return true;
    }
    if (!isBadge.test(url)) return false;
    draw(url)
      .catch(() => ({ ...badgeFor(new URLSearchParams(), { kind: "error" }), repo: null }))
      .then((drawn) => send(req, res, drawn));
    return true;
  };
}

/** Returns whether an `If-None-Match` header matches. Proxies that compress turn a strong ETag into a weak one. */
function matchesEtag(header: string, etag: string): boolean {
  if (header === etag || header === "*") return true;
  return header.split(",").some((value) => value.trim().replace(/^W\//, "") === etag);
}
