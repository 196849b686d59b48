import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../harness/seeded-random.ts";
import { createDataDir, freePort, serve, type TestServer } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";
import { createWebhookReceiver } from "../harness/webhook-receiver.ts";

// The server is killed between an event and its delivery; deliveries are read at the receiver.

const root = appsFolder({
  quick: {
    "package.json": '{"scripts":{"start":"node server.js"}}',
    "package-lock.json": '{"lockfileVersion":3,"packages":{}}',
    "server.js": "process.exit(3)",
  },
});
const { dataDir, dispose } = createDataDir();
afterAll(dispose);

const json = { "content-type": "application/json", accept: "application/json" };
const send = (server: TestServer, path: string, body: unknown) =>
  fetch(`${server.origin}${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });

type Receiver = Awaited<ReturnType<typeof createWebhookReceiver>>;

async function runWithKills(name: string, instant: (endpoint: Receiver) => Promise<void>, kills: number) {
  let holdBack = true;
  const endpoint = await createWebhookReceiver(() =>
    holdBack ? { after: new Promise((resolve) => setTimeout(resolve, 10_000)) } : {},
  );
  const port = await freePort();
  const start = () => serve({ port, dataDir: join(dataDir, name), env: { LOCAL_REPOS: root } });
  let server = await start();
  const added = await send(server, "/local/apps/quick/webhooks", {
    url: endpoint.url,
    types: ["deployment.started", "deployment.failed"],
  });
  const { secret, webhook } = (await added.json()) as { secret: string; webhook: { id: string } };
  let deployments = 0;
  for (let n = 0; n < kills; n++) {
    for (let more = 0; more < 3; more++) {
      const request = `order ${++deployments}`;
      expect(
        (await send(server, "/deployments", { repo: "local/apps/quick", cloud: "local", request, env: {} })).status,
      ).toBe(201);
    }
    await instant(endpoint);
    await server.end("SIGKILL");
    server = await start();
  }
  holdBack = false;
  const deliveredFor = (type: string) =>
    new Set(endpoint.all.filter((one) => one.type === type).map(({ data }) => data.deployment));
  await expect
    .poll(() => [deliveredFor("deployment.started").size, deliveredFor("deployment.failed").size], { timeout: 120_000 })
    .toEqual([deployments, deployments]);
  for (const received of endpoint.all) endpoint.verify(received, secret);
  const byId = Map.groupBy(endpoint.all, ({ id }) => id);
  // The same event has the same id however often it came, and says the same.
  expect(byId.size).toBe(2 * deployments);
  for (const attempts of byId.values()) expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
  const log = await fetch(`${server.origin}/local/apps/quick/webhooks/${webhook.id}`, { headers: json });
  const { deliveries } = (await log.json()) as { deliveries: { state: string }[] };
  await server.end();
  endpoint.close();
  return { deliveries, redelivered: endpoint.all.length - byId.size };
}

test("killed with deliveries in flight, it delivers each after the next start", {
  timeout: 180_000,
}, async () => {
  const { deliveries, redelivered } = await runWithKills(
    "way",
    (endpoint) => endpoint.received("deployment.started"),
    2,
  );
  expect(deliveries).toHaveLength(12);
  // The first one was on its way when it was killed.
  expect(redelivered).toBeGreaterThan(0);
});

test("killed at random instants, it loses no delivery", { timeout: 180_000 }, async () => {
  const random = seededRandom(7);
  const { deliveries } = await runWithKills(
    "random",
    () => new Promise((resolve) => setTimeout(resolve, random() * 600)),
    4,
  );
  expect(deliveries).toHaveLength(24);
});
