import { Hono } from "hono";
import type { Slipway } from "./slipway.ts";

const beat = new TextEncoder().encode(": still here\n\n");
const every = 20_000;
/** A reader this far behind is cut off; it comes back with Last-Event-ID and gets the rest from the database. */
const backlog = 4 * 1024 * 1024;

/** What a deployment says, as server-sent events; goes on after `Last-Event-ID`. */
export const events = ({ deployments }: Pick<Slipway, "deployments">) => {
  const open = new Set<() => void>();
  setInterval(() => {
    for (const pulse of open) pulse();
  }, every).unref();

  return new Hono().get("/deployments/:id/events", (c) => {
    const id = c.req.param("id");
    const row = deployments.find(id);
    if (!row) return c.json({ problems: [] }, 404);
    const after = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
    const last = Number.isSafeInteger(after) && after > 0 ? after : 0;
    // A browser that has read everything would come back for ever: 204 tells it not to.
    const atRest = row.state !== "running" && row.state !== "removing";
    if (atRest && last >= deployments.lastEventId(id)) return c.body(null, 204);

    let stop = () => {};
    let pulse = () => {};
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let ended = false;
          const end = () => {
            if (ended) return;
            ended = true;
            open.delete(pulse);
            stop();
            controller.close();
          };
          pulse = () => {
            if ((controller.desiredSize ?? 0) < -backlog) end();
            else controller.enqueue(beat);
          };
          const message = ({ bytes }: { bytes: Uint8Array }) => {
            if (!ended) controller.enqueue(bytes);
          };
          const unlisten = deployments.follow(id, last, { message, end });
          if (ended) return unlisten();
          stop = unlisten;
          open.add(pulse);
        },
        cancel() {
          open.delete(pulse);
          stop();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: 16 * 1024 }),
    );
    return c.body(body, 200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
  });
};
