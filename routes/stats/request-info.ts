import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { RequestInfo } from "../../src/stats/visit-counter.ts";

/** Returns what is needed to count a request: Node's own request, or a substitute where there is no server. */
export function requestInfo(c: Context): RequestInfo {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  return incoming ?? { method: c.req.raw.method, headers: c.req.header(), socket: {} };
}
