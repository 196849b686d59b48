import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import type { EventReader } from "../../src/deployments/follow.ts";
import type { AppContext } from "../app-context.ts";
import { createConnectionLimit } from "../http/connection-limit.ts";
import { requestNetwork } from "../http/request-network.ts";
import { respondError } from "../http/respond.ts";

const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // nginx and other proxies would otherwise buffer events until they have a full page.
  "x-accel-buffering": "no",
};
const heartbeat = new TextEncoder().encode(": still here\n\n");

interface StreamOptions {
  heartbeatMs?: number;
  /** Open streams in total, per deployment and per client network. */
  max?: { total: number; deployment: number; network: number };
}

/** A connection that heartbeats are sent on. */
interface OpenStream {
  /** Sends a heartbeat, or closes a stream whose reader has taken nothing since the last two. */
  beat(): void;
}

/** Streams a deployment's events as server-sent events, starting after `Last-Event-ID`. */
export const eventRoutes = (
  { deployments }: Pick<AppContext, "deployments">,
  { heartbeatMs = 20_000, max = { total: 20_000, deployment: 1000, network: 64 } }: StreamOptions = {},
) => {
  const acquire = createConnectionLimit(max);
  const open = new Set<OpenStream>();
  setInterval(() => {
    for (const stream of open) stream.beat();
  }, heartbeatMs).unref();

  return new Hono<{ Bindings: { outgoing?: ServerResponse } }>().get("/deployments/:id/events", (c) => {
    const id = c.req.param("id");
    const row = deployments.find(id);
    if (!row) return c.json({ problems: [] }, 404);
    const last = deployments.lastEventId(id);
    const requested = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
    // An id that was never sent replays everything.
    const after = Number.isSafeInteger(requested) && requested > 0 && requested <= last ? requested : 0;
    // 204 stops EventSource from reconnecting.
    const atRest = row.state !== "running" && row.state !== "removing";
    if (atRest && after === last) return c.body(null, 204);
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const release = acquire({ total: "", deployment: id, network: requestNetwork(c) });
    if (!release) {
      c.header("Retry-After", "30");
      return respondError(c, 429, "Too many open streams", {
        message: "This deployment is followed by too many readers, or by too many from your network.",
        fix: "Close other tabs that show it, or try again in half a minute.",
      });
    }
    const follow: Follow = (reader) => deployments.follow(id, after, reader);
    const outgoing = c.env?.outgoing;
    if (!outgoing) return new Response(streamBody(follow, release), { headers });
    writeStream(outgoing, follow, open, release);
    return RESPONSE_ALREADY_SENT;
  });
};

type Follow = (reader: EventReader) => () => void;

/** Writes directly to Node's response: with ten thousand open, a web stream for each costs a quarter more memory. */
function writeStream(response: ServerResponse, follow: Follow, open: Set<OpenStream>, release: () => void) {
  response.writeHead(200, headers).flushHeaders();
  let missedBeats = 0;
  const stream: OpenStream = {
    beat() {
      if (isWritable(response) && !response.writableNeedDrain) {
        missedBeats = 0;
        response.write(heartbeat);
      } else if (++missedBeats > 2) response.destroy();
    },
  };
  open.add(stream);
  const unsubscribe = follow({
    message: ({ bytes }) => isWritable(response) && response.write(bytes),
    drained: () =>
      new Promise((resolve) => {
        response.once("drain", () => {
          missedBeats = 0;
          resolve();
        });
      }),
    end: () => response.end(),
  });
  const close = () => {
    open.delete(stream);
    unsubscribe();
    release();
  };
  if (response.destroyed) close();
  else response.once("close", close);
}

/** Writing to a response that has ended or was cut off emits an error. */
const isWritable = (response: ServerResponse) => !response.writableEnded && !response.destroyed;

/** Returns the same as a response body, for callers without a server. */
function streamBody(follow: Follow, release: () => void) {
  let unsubscribe: (() => void) | undefined;
  let resume: (() => void) | undefined;
  const close = () => {
    unsubscribe?.();
    release();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      unsubscribe = follow({
        message({ bytes }) {
          controller.enqueue(bytes);
          return (controller.desiredSize ?? 0) > 0;
        },
        drained: () =>
          new Promise((resolve) => {
            resume = resolve;
          }),
        end() {
          close();
          controller.close();
        },
      });
    },
    pull() {
      resume?.();
      resume = undefined;
    },
    cancel: close,
  });
}
