import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertEvent } from "../../src/data/store/events.ts";
import { collectStream, createScriptedCloud } from "../harness/scripted-cloud.ts";
import { createTestApp } from "../harness/test-app.ts";

// Event streams over a real connection, with readers who are slow, lost or hostile.

const wait = Promise.withResolvers<void>();
const scenario = createTestApp({
  repos: { hello: { Procfile: "web: node server.js", "package.json": "{}" } },
  cloud: createScriptedCloud(async function* ({ app }) {
    yield { type: "step", name: "web", state: "running" };
    if (app.source.commit === "0".repeat(40)) await wait.promise;
    yield { type: "state", state: "failed", error: { message: "No.", next: "Stop.", step: "web" } };
  }),
});
const server = createServer(getRequestListener(scenario.app.fetch));
let at = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  wait.resolve();
  scenario.counter.stop();
  server.closeAllConnections();
  server.close();
});

let requests = 0;
/** A deployment that has failed, with a log of so many lines of 1 kB. */
async function failed(lines: number): Promise<string> {
  const { id } = scenario.story.start({ ...scenario.order, request: `r${++requests}` });
  await collectStream(scenario.story, id);
  scenario.db.transaction(() => {
    for (let line = 0; line < lines; line++) say(id, "x".repeat(1000));
  });
  return id;
}

const say = (id: string, line: string) =>
  insertEvent(scenario.db, { deployment: id, at: new Date(), type: "log", data: JSON.stringify({ line }) });

/** One that goes on until the test says so. */
const slow = (request: string) => {
  const source = { ...scenario.order.app.source, commit: "0".repeat(40) };
  return { ...scenario.order, request, app: { ...scenario.order.app, source } };
};

const events = (id: string, lastEventId?: string) =>
  fetch(`${at}/deployments/${id}/events`, {
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });

test("a HEAD request opens no stream", async () => {
  const { id } = scenario.story.start(slow("endless"));
  const answer = await fetch(`${at}/deployments/${id}/events`, { method: "HEAD" });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  expect(await answer.text()).toBe("");
  expect(scenario.story.find(id)?.state).toBe("running");
});

test("a reader that never reads does not affect others when the deployment continues", async () => {
  const { id } = scenario.story.start(slow("stalled"));
  say(id, "x".repeat(15_000_000));
  const { port } = server.address() as AddressInfo;
  const stalled = connect(port, "127.0.0.1");
  stalled.pause();
  stalled.write(`GET /deployments/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await expect.poll(() => new Promise((seen) => server.getConnections((_, count) => seen(count)))).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  wait.resolve();
  expect(await collectStream(scenario.story, id)).toContain('"state":"failed"');
  expect(scenario.story.retry(id)).toBe(true);
  expect(await collectStream(scenario.story, id)).toContain('"state":"failed"');
  expect(scenario.story.remove(id)).toBe(true);
  expect((await fetch(`${at}/up`)).status).toBe(200);
  stalled.destroy();
});

test("a long log can be read in several requests, each resuming after the last event", async () => {
  const id = await failed(9000);
  let last = "0";
  let lines = 0;
  for (let chunk = 0; chunk < 10; chunk++) {
    const answer = await events(id, last);
    if (answer.status === 204) break;
    const text = await answer.text();
    lines += text.match(/^event: log$/gm)?.length ?? 0;
    last = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? last;
  }
  expect(lines).toBe(9000);
  expect((await events(id, last)).status).toBe(204);
});

test("an invalid Last-Event-ID replays everything", async () => {
  const id = await failed(1);
  for (const nonsense of ["-1", "NaN", "1e400", "9007199254740993", "999999999999", "next", "", "1.5", "0x"]) {
    const answer = await events(id, nonsense);
    expect([nonsense, answer.status]).toEqual([nonsense, 200]);
    expect(await answer.text()).toContain('event: state\ndata: {"state":"running"}');
  }
});
