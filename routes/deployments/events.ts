import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import type { Listener, SseMessage } from "../../src/deployments/event-bus.ts";
import type { AppContext } from "../app-context.ts";

const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // Proxies such as nginx would keep events back until they have a page full of them.
  "x-accel-buffering": "no",
};
const beat: SseMessage = { id: 0, bytes: new TextEncoder().encode(": still here\n\n") };
const every = 20_000;
/** A reader this many bytes behind is cut off; it comes back with Last-Event-ID and gets the rest from the database. */
const backlog = 4 * 1024 * 1024;

/** What a deployment says, as server-sent events; goes on after `Last-Event-ID`. */
export const events = ({ deployments }: Pick<AppContext, "deployments">) => {
  const open = new Set<Listener>();
  setInterval(() => {
    for (const reader of open) reader.message(beat);
  }, every).unref();

  /** Joins a reader to the deployment; returns how to leave. */
  function join(id: string, after: number, reader: Listener): () => void {
    open.add(reader);
    const stop = deployments.follow(id, after, reader);
    return () => {
      open.delete(reader);
      stop();
    };
  }

  return new Hono<{ Bindings: { outgoing?: ServerResponse } }>().get("/deployments/:id/events", (c) => {
    const id = c.req.param("id");
    const row = deployments.find(id);
    if (!row) return c.json({ problems: [] }, 404);
    const last = deployments.lastEventId(id);
    const asked = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
    // Whoever names an event that was never said is told everything.
    const after = Number.isSafeInteger(asked) && asked > 0 && asked <= last ? asked : 0;
    // A browser that has read everything would come back for ever: 204 tells it not to.
    const atRest = row.state !== "running" && row.state !== "removing";
    if (atRest && after === last) return c.body(null, 204);
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const outgoing = c.env?.outgoing;
    if (!outgoing) return new Response(streamed(id, after, join), { headers });
    written(outgoing, id, after, join);
    return RESPONSE_ALREADY_SENT;
  });
};

type Join = (id: string, after: number, reader: Listener) => () => void;

/** Straight into Node's response: ten thousand may be open, and a stream of the web's costs each a quarter more. */
function written(response: ServerResponse, id: string, after: number, join: Join) {
  response.writeHead(200, headers).flushHeaders();
  let leave: (() => void) | undefined;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    leave?.();
    response.end();
  };
  const reader: Listener = {
    message({ bytes }) {
      // To a reader who is slow to take the last of it, the stream has long ended: one word more would be an error.
      if (over) return;
      if (response.writableLength > backlog) end();
      else response.write(bytes);
    },
    end,
  };
  response.once("close", () => {
    over = true;
    leave?.();
  });
  leave = join(id, after, reader);
  if (over) leave();
}

/** The same as a body, for whoever calls the app without a server. */
function streamed(id: string, after: number, join: Join) {
  let leave: (() => void) | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      let ended = false;
      leave = join(id, after, {
        message: ({ bytes }) => controller.enqueue(bytes),
        end() {
          if (ended) return;
          ended = true;
          leave?.();
          controller.close();
        },
      });
      if (ended) leave();
    },
    cancel: () => leave?.(),
  });
}
