import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probeUrl } from "../../src/clouds/probe-url.ts";
import { createAppProbe } from "../../src/network/app-probe.ts";

const requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  response.writeHead(418).end();
});
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server.close();
});
const port = () => (server.address() as AddressInfo).port;
const leadsTo =
  (...addresses: string[]) =>
  async (): Promise<LookupAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

test("the status of a private address never comes back, whatever its name", async () => {
  for (const address of ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:127.0.0.1", "100.100.100.200"]) {
    const probe = createAppProbe({ resolve: leadsTo(address) });
    for (const scheme of ["http", "https"])
      expect(await probeUrl(probe, `${scheme}://app.example.com/`)).toMatch(/address/);
    // One bad address among good ones is enough.
    const mixed = createAppProbe({ resolve: leadsTo("93.184.216.34", address) });
    expect(await probeUrl(mixed, "http://app.example.com/")).toMatch(/address/);
  }
  expect(requests).toEqual([]);
});

test("an app's URL names no port, address or local name", async () => {
  const probe = createAppProbe({ resolve: leadsTo("127.0.0.1") });
  for (const url of [
    `http://127.0.0.1:${port()}/`,
    `http://localhost:${port()}/`,
    `http://app.example.com:${port()}/`,
    "http://[::1]/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "file:///etc/passwd",
    "nonsense",
  ])
    expect(await probeUrl(probe, url)).toBe("this is no address on the internet");
  expect(requests).toEqual([]);
});

test("an operator's proxy is used for names it may know, and never for a name that leads to a private address", async () => {
  const sent: string[] = [];
  const viaProxy = (async (url: URL) => {
    sent.push(url.href);
    return new Response("x".repeat(5000), { status: 200 });
  }) as typeof fetch;
  const inside = createAppProbe({ resolve: leadsTo("10.0.0.7"), viaProxy });
  expect(await probeUrl(inside, "https://app.example.com/")).toMatch(/not a public address/);
  expect(sent).toEqual([]);
  const outside = createAppProbe({ resolve: () => Promise.reject(new Error("ENOTFOUND")), viaProxy });
  expect(await probeUrl(outside, "https://app.example.com/")).toBe(200);
  const broken = createAppProbe({
    resolve: leadsTo("93.184.216.34"),
    viaProxy: () =>
      Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) })),
  });
  expect(await probeUrl(broken, "https://app.example.com/")).toMatch(/cut off/);
});
