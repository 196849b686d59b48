import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, expect, test } from "vitest";
import { clientConfig } from "../../src/clouds/aws/provision/api/assume-role.ts";
import { client } from "../../src/clouds/gcp/provision/api/client.ts";
import { limitResponseSize, maxApiResponseBytes } from "../../src/network/limit-response-size.ts";
import { unreachableDependencies } from "../clouds/aws/unreachable.ts";

// A cloud's API that never stops sending.

let sent = 0;
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(1024 * 1024, " ");
  const send = () => {
    if (response.destroyed || sent > 20 * maxApiResponseBytes) return;
    sent += chunk.length;
    if (response.write(chunk)) setImmediate(send);
    else response.once("drain", send);
  };
  send();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const mostSent = 2 * maxApiResponseBytes;

test("a short response is passed on as it is", async () => {
  const limited = limitResponseSize(async () => new Response("hello", { status: 201, headers: { etag: '"1"' } }), 5);
  const response = await limited(url);
  expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([201, '"1"', "hello"]);
  expect(await limitResponseSize(async () => new Response(null, { status: 204 }))(url)).toMatchObject({ status: 204 });
});

test("an endless response fails and its connection is closed", async () => {
  sent = 0;
  await expect(limitResponseSize(fetch)(url).then((response) => response.text())).rejects.toThrow("longer than");
  expect(sent).toBeLessThan(mostSent);
});

test("Google's client gives up on an endless response", async () => {
  sent = 0;
  const google = client(
    { ...unreachableDependencies, endpoint: url, issuer: url, client: null, fetch: limitResponseSize(fetch) },
    { token: "t" },
  );
  const call = google.call({
    api: "run",
    method: "projects.locations.services.list",
    params: { parent: "projects/p/locations/l" },
  });
  await expect(call).rejects.toThrow();
  expect(sent).toBeLessThan(mostSent);
});

test("AWS's clients give up on an endless response", async () => {
  sent = 0;
  const sts = new STS({
    ...clientConfig({ endpoint: url }, "us-east-1"),
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  await expect(sts.getCallerIdentity({})).rejects.toThrow();
  sts.destroy();
  expect(sent).toBeLessThan(mostSent);
});
