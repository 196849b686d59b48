import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { anApp, aService } from "../../harness/apps.ts";
import { needs } from "../../harness/peers.ts";
import { createLocalCloud, fail, processesOf, succeed } from "./local-cloud.ts";

const loopback = fileURLToPath(new URL("../../../src/clouds/local/provision/processes/loopback.cjs", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

async function addressOf(listen: string): Promise<string> {
  const script = `
    const net = require("node:net"), http = require("node:http"), dgram = require("node:dgram");
    const cb = function () { console.log(JSON.stringify(this.address())); process.exit(); };
    ${listen}`;
  const file = join(folder, "listen.cjs");
  writeFileSync(file, script);
  const { stdout } = await promisify(execFile)(process.execPath, ["--require", loopback, file], { cwd: folder });
  const address = JSON.parse(stdout);
  return typeof address === "string" ? address : address.address;
}

test.each([
  "net.createServer().listen(0, cb)",
  "net.createServer().listen('0', cb)",
  "net.createServer().listen(0, '0.0.0.0', cb)",
  "net.createServer().listen(0, '::', 511, cb)",
  "net.createServer().listen(0, undefined, cb)",
  "net.createServer().listen(0, 511, cb)",
  "net.createServer().listen(cb)",
  "net.createServer().on('listening', cb).listen()",
  "net.createServer().listen({ port: 0 }, cb)",
  "net.createServer().listen({ port: '0', host: '0.0.0.0', exclusive: true }, cb)",
  "http.createServer().listen(0, 'localhost', cb)",
  "dgram.createSocket('udp4').bind(0, cb)",
  "dgram.createSocket('udp4').bind({ port: 0, address: '0.0.0.0' }, cb)",
  "dgram.createSocket('udp4').on('listening', cb).bind()",
  "const c = require('node:cluster'); if (c.isPrimary) c.fork().on('exit', () => process.exit()); else net.createServer().listen(0, cb)",
])("%s listens on loopback only", async (listen) => {
  expect(await addressOf(listen)).toBe("127.0.0.1");
});

test("a socket with a path keeps its path", async () => {
  expect(await addressOf("net.createServer().listen('a.sock', cb)")).toBe("a.sock");
  expect(await addressOf("net.createServer().listen({ path: 'b.sock' }, cb)")).toBe("b.sock");
});

const { cloud, deploy } = createLocalCloud();
const python = (address: string) =>
  anApp({
    read: [],
    services: [aService({ command: `exec python3 -m http.server "$PORT" --bind ${address}` })],
  });

needs("python", "proc")("a program that listens beyond loopback is stopped, with advice", async () => {
  for (const address of ["0.0.0.0", "::"]) {
    const run = deploy(python(address), { "index.html": "hi" });
    const error = await fail(cloud, run);
    expect(error.message).toMatch(/^web listens on every address, port \d+: others on the network could reach it/);
    expect(error.next).toContain("HOST");
    expect(await processesOf(run)).toEqual([]);
  }
});

needs("python", "proc")("a program that listens on HOST runs", async () => {
  const url = await succeed(cloud, deploy(python('"$HOST"'), { "index.html": "hi" }));
  expect(await (await fetch(url)).text()).toBe("hi");
});
