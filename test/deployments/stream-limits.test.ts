import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterAll, expect, test } from "vitest";
import { eventRoutes } from "../../routes/deployments/events.ts";
import { insertEvent } from "../../src/data/store/events.ts";
import { createEventBus } from "../../src/deployments/event-bus.ts";
import { createFollow } from "../../src/deployments/follow.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../harness/scripted-cloud.ts";

// Many readers of long logs, none of whom may cost the server more than a socket's buffer.

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

async function serveLog(lines: number, options: Parameters<typeof eventRoutes>[1] = {}) {
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "state", state: "succeeded", url: null };
    }),
  });
  const { id } = story.start(order);
  await collectStream(story, id);
  db.transaction(() => {
    for (let line = 0; line < lines; line++)
      insertEvent(db, {
        deployment: id,
        at: new Date(),
        type: "log",
        data: JSON.stringify({ line: "x".repeat(1000) }),
      });
  });
  const responses: ServerResponse[] = [];
  const listener = getRequestListener(eventRoutes({ deployments: story } as never, options).fetch);
  const server = createServer((request, response) => {
    responses.push(response);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/deployments/${id}/events`;
  /** Requests the log and never reads it. */
  const stall = (forwarded = "203.0.113.1"): Socket => {
    const socket = connect(port, "127.0.0.1").pause();
    socket.on("error", () => {});
    socket.write(`GET /deployments/${id}/events HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${forwarded}\r\n\r\n`);
    closing.push(() => socket.destroy());
    return socket;
  };
  return { url, stall, responses };
}

test("a replay waits for its reader: twenty who never read buffer less than 100 kB each", async () => {
  const { url, stall, responses } = await serveLog(20_000);
  for (let reader = 0; reader < 20; reader++) stall();
  await expect.poll(() => responses.filter(({ writableNeedDrain }) => writableNeedDrain).length).toBe(20);
  // The stalled replays are at a stop when another reader has received all of it.
  const text = await (await fetch(url)).text();
  expect(text.match(/^event: log$/gm)).toHaveLength(20_000);
  expect(Math.max(...responses.slice(0, 20).map(({ writableLength }) => writableLength))).toBeLessThan(100_000);
}, 60_000);

test("replays leave time for other requests: one page is read in a turn of the event loop", async () => {
  let pages = 0;
  const row = (id: number) => ({ id, deployment: "d", at: new Date(0), type: "log" as const, data: "{}" });
  const follow = createFollow({
    bus: createEventBus(),
    eventsAfter(_, id, limit) {
      pages++;
      return Array.from({ length: id >= 500 ? 0 : limit }, (_, n) => row(id + n + 1));
    },
    isAtRest: () => true,
  });
  const readers = 40;
  let ended = 0;
  for (let reader = 0; reader < readers; reader++) follow("d", 0, { message: () => true, end: () => void ended++ });
  while (ended < readers) {
    const before = pages;
    await new Promise(setImmediate);
    expect(pages - before).toBeLessThanOrEqual(1);
  }
  expect(pages).toBe(readers * 5);
});

test("a slow reader gets the whole log in order, once, on one connection", async () => {
  const { url } = await serveLog(9000);
  const response = await fetch(url);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    await new Promise(setImmediate);
  }
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(text.match(/^event: log$/gm)).toHaveLength(9000);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
});

test("a deployment and a client network have a limited number of streams, freed when one closes", async () => {
  const { url, stall, responses } = await serveLog(20_000, { max: { total: 100, deployment: 5, network: 3 } });
  const status = async (forwarded: string) => {
    const abort = new AbortController();
    const response = await fetch(url, { headers: { "x-forwarded-for": forwarded }, signal: abort.signal });
    abort.abort();
    return [response.status, response.headers.get("retry-after")];
  };
  const stalled = () => responses.filter(({ writableNeedDrain }) => writableNeedDrain).length;
  const first = stall();
  for (let reader = 0; reader < 2; reader++) stall();
  await expect.poll(stalled).toBe(3);
  expect(await status("203.0.113.1")).toEqual([429, "30"]);
  expect(await status("203.0.113.2")).toEqual([200, null]);
  await expect.poll(() => responses.at(-1)?.destroyed).toBe(true);
  for (let reader = 0; reader < 2; reader++) stall("203.0.113.3");
  await expect.poll(stalled).toBe(5);
  expect(await status("203.0.113.4")).toEqual([429, "30"]);
  first.destroy();
  await expect.poll(() => status("203.0.113.1")).toEqual([200, null]);
});

test("a reader that takes nothing for three heartbeats is disconnected", async () => {
  const { stall, responses } = await serveLog(20_000, { heartbeatMs: 20 });
  stall();
  await expect.poll(() => responses[0]?.writableNeedDrain || responses[0]?.destroyed).toBe(true);
  await expect.poll(() => responses[0]?.destroyed, { timeout: 5000 }).toBe(true);
});
