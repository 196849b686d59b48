import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { RequestInfo } from "../../src/stats/visit-counter.ts";

/** What is read of a request to count it; from Node where there is a server, else as far as it is known. */
export function requestInfo(c: Context): RequestInfo {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  return incoming ?? { method: c.req.raw.method, headers: c.req.header(), socket: {} };
}
