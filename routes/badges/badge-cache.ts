import type { IncomingMessage, ServerResponse } from "node:http";
import { type Badge, badgeFor } from "../../badges/index.ts";
import { createBadgeMemory } from "../../badges/memory-cache.ts";

/** A badge, and the repository whose load is counted; null when its URL names none. */
export interface RepoBadge extends Badge {
  repo: string | null;
}

export interface Options {
  /** Draws the badge for a path with its query, such as `/github.com/o/r/badge.svg?style=flat`. */
  render(url: string): Promise<RepoBadge>;
  /** Counts a load, in memory: nothing on this path may wait. */
  record(repo: string, request: IncomingMessage): void;
  /** Milliseconds. */
  now(): number;
  /** Bytes to keep badges in. */
  most?: number;
}

const second = 1000;
/** How long a badge is shown without asking whether it is still right, ... */
const fresh = 60 * second;
/** ... and how long it may be shown once more while that is found out. */
const usable = 60 * 60 * second;
/** No README has longer ones, and whoever makes them up shall not fill our memory with them. */
const longestUrl = 2000;

const isBadge = /^\/[^/?]+\/[^/?]+\/[^/?]+\/badge\.svg(?:\?|$)/;

/** The headers of every badge. Other sites show it, so browsers must not be told to keep it to ours. */
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
 * Answers requests for badges, in front of everything else: one look into a map, no router, no `Request`. Says whether
 * the request was one: `createServer((req, res) => warm(req, res) || listener(req, res))`.
 */
export function createBadgeCache({ render, record, now, most = 56e6 }: Options) {
  const memory = createBadgeMemory<RepoBadge>(most);
  const drawing = new Map<string, Promise<RepoBadge>>();

  /** Draws once, however many ask at the same time. */
  function draw(url: string): Promise<RepoBadge> {
    const begun = drawing.get(url);
    if (begun) return begun;
    const drawn = render(url)
      .then((badge) => {
        if (url.length <= longestUrl) memory.put(url, badge, now());
        return badge;
      })
      .finally(() => drawing.delete(url));
    drawing.set(url, drawn);
    return drawn;
  }

  function kept(url: string): RepoBadge | undefined {
    const found = memory.get(url);
    if (!found) return undefined;
    const age = now() - found.at;
    if (age > usable) return undefined;
    // When it cannot be drawn, the old one is shown until it is no longer usable.
    if (age > fresh) draw(url).catch(() => {});
    return found.badge;
  }

  function send(req: IncomingMessage, res: ServerResponse, badge: RepoBadge): void {
    const { body, etag, cacheControl, repo } = badge;
    if (repo && req.method === "GET") record(repo, req);
    const known = req.headers["if-none-match"];
    if (known !== undefined && names(known, etag)) {
      res.writeHead(304, { "cache-control": cacheControl, etag }).end();
      return;
    }
    res.writeHead(200, badgeHeaders(badge));
    // The body is ASCII: as latin1 it goes out together with the headers, unencoded.
    res.end(req.method === "GET" ? body : "", "latin1");
  }

  return (req: IncomingMessage, res: ServerResponse): boolean => {
    if (req.method !== "GET" && req.method !== "HEAD") return false;
    const url = req.url ?? "";
    const badge = kept(url);
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

/** Whether an `If-None-Match` names the ETag. Proxies that compress make a strong one weak. */
function names(header: string, etag: string): boolean {
  if (header === etag || header === "*") return true;
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}
