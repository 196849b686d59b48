import { execFileSync } from "node:child_process";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createSocketServer, isIPv4, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type GuardedFetchOptions, guardedFetch, validateTarget } from "../../src/network/guarded-fetch.ts";
import { classifyAddress, isAllowed } from "../../src/network/ip-ranges.ts";
import { needs, programOf } from "../harness/peers.ts";

const open: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
const web = (listener: RequestListener) => listening(createServer(listener));
/** A server that speaks bytes. */
const raw = (speak: (socket: Socket) => void) =>
  listening(createSocketServer((socket) => socket.on("error", () => {}).once("data", () => speak(socket))));

const here: LookupAddress[] = [{ address: "127.0.0.1", family: 4 }];
const guard = (more: Partial<GuardedFetchOptions> = {}) =>
  guardedFetch({ reach: "loopback", resolve: async () => here, ...more });
const get = (url: string, more: Partial<GuardedFetchOptions> = {}) => guard(more)({ url, method: "GET", headers: {} });

describe("what an address is", () => {
  test.each([
    ["public", "8.8.8.8", "140.82.112.3", "192.0.1.1", "192.88.98.1", "2606:50c0:8000::153", "2a00:1450::1"],
    ["public", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b::808:808"],
    ["loopback", "127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::127.0.0.1"],
    ["private", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:a00:1"],
    ["never", "0.0.0.0", "0.1.2.3", "169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"],
    ["never", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1"],
    ["never", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001::1"],
    ["never", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "64:ff9b:1::1", "100::1", "3fff::1", "5f00::1"],
    ["never", "::127.0.0.1", "::7f00:1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::ffff:0:127.0.0.1"],
    ["never", "", "localhost", "1.2.3", "1.2.3.4.5", "0x7f000001", "2130706433", "[::1]"],
  ])("%s: %s and the like", (place, ...addresses) => {
    expect(addresses.map((address) => [address, classifyAddress(address)])).toEqual(
      addresses.map((address) => [address, place]),
    );
  });

  const hex = (bytes: number[]) => bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const v4 = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255)));

  test("every way of writing an IPv4 address into an IPv6 one is seen for what it is", () => {
    fc.assert(
      fc.property(
        v4,
        fc.constantFrom("::ffff:", "64:ff9b::", "0:0:0:0:0:FFFF:", "0064:ff9b:0:0:0:0:"),
        (bytes, before) => {
          const [a, b, c, d] = hex(bytes);
          expect(classifyAddress(`${before}${bytes.join(".")}`)).toBe(classifyAddress(bytes.join(".")));
          expect(classifyAddress(`${before}${a}${b}:${c}${d}`)).toBe(classifyAddress(bytes.join(".")));
        },
      ),
    );
  });

  test("what is public is none of the ranges that are not, said in arithmetic", () => {
    const isSpecial = ([a = 0, b = 0, c = 0, d = 0]: number[]) =>
      [0, 10, 127].includes(a) ||
      a >= 224 ||
      (a === 100 && b >= 64 && b < 128) ||
      (a === 169 && b === 254) ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && ((b === 0 && (c === 0 || c === 2)) || b === 168 || (b === 88 && c === 99))) ||
      (a === 192 && ((b === 31 && c === 196) || (b === 52 && c === 193) || (b === 175 && c === 48))) ||
      (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
      (a === 203 && b === 0 && c === 113) ||
      (a === 168 && b === 63 && c === 129 && d === 16);
    const near = fc.tuple(
      fc.constantFrom(0, 10, 100, 127, 168, 169, 172, 192, 198, 203, 223, 224),
      fc.nat(255),
      fc.nat(255),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.oneof(v4, near), (bytes) => {
        expect(classifyAddress(bytes.join(".")) === "public").toBe(!isSpecial(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  test("outside 2000::/3 no IPv6 address is public but a translated one", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = parseInt(new URL(`http://[${address}]`).hostname.slice(1).split(":")[0] || "0", 16);
        if (first >= 0x2000 && first < 0x4000) return;
        if (/^(?:::ffff:|64:ff9b::)/.test(new URL(`http://[${address}]`).hostname.slice(1))) return;
        expect(classifyAddress(address)).not.toBe("public");
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever is written as a host, only what is checked as an address is reachable", () => {
    fc.assert(
      fc.property(v4, fc.constantFrom(10, 8, 16), fc.integer({ min: 1, max: 4 }), (bytes, base, parts) => {
        const write = (value: number) =>
          base === 16 ? `0x${value.toString(16)}` : base === 8 ? `0${value.toString(8)}` : `${value}`;
        const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
        const host = [...bytes.slice(0, parts - 1), last].map(write).join(".");
        expect([host, validateTarget(`https://${host}/`, "public").ok]).toEqual([
          host,
          isAllowed(bytes.join("."), "public"),
        ]);
      }),
    );
  });
});

describe("hostile addresses are refused before anything is asked", () => {
  test.each([
    ["no address at all", "", "hello", "//example.com", "https://", "https://[::1", "https://exa mple.com/"],
    ["other schemes", "file:///etc/passwd", "ftp://example.com/", "gopher://example.com:70/", "data:,x", "unix:/run/x"],
    ["http", "http://example.com/", "http://8.8.8.8/"],
    [
      "user names and passwords",
      "https://user@example.com/",
      "https://user:word@example.com/",
      "https://:x@example.com/",
    ],
    [
      "this machine",
      "https://127.0.0.1/",
      "https://127.1/",
      "https://2130706433/",
      "https://0x7f000001/",
      "https://0177.0.0.1/",
    ],
    [
      "this machine, in IPv6",
      "https://[::1]/",
      "https://[0:0:0:0:0:0:0:1]/",
      "https://[::ffff:127.0.0.1]/",
      "https://[64:ff9b::7f00:1]/",
    ],
    [
      "this machine, in other letters",
      "https://①②⑦.⓪.⓪.①/",
      "https://127。0。0。1/",
      "https://127.0.0.1./",
      "https://%31%32%37.0.0.1/",
    ],
    [
      "metadata",
      "https://169.254.169.254/latest/meta-data/",
      "https://0xa9fea9fe/",
      "https://2852039166/",
      "https://[fd00:ec2::254]/",
    ],
    ["nowhere", "https://0.0.0.0/", "https://0/", "https://[::]/", "https://255.255.255.255/", "https://[ff02::1]/"],
    ["names of a network", "https://localhost/", "https://LOCALHOST/", "https://metadata/", "https://db:5432/"],
    ["a dot at the end", "https://example.com./", "https://localhost./"],
    [
      "ports of something else",
      "https://example.com:22/",
      "https://example.com:25/",
      "https://example.com:6000/",
      "https://example.com:0/",
    ],
    ["too long", `https://example.com/${"x".repeat(2000)}`],
  ])("%s", async (_, ...urls) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return here;
    };
    const answers = await Promise.all(urls.map((url) => get(url, { reach: "public", resolve })));
    expect(answers.map(({ ok }, index) => [urls[index], ok])).toEqual(urls.map((url) => [url, false]));
    expect(asked).toEqual([]);
  });

  test("what may be asked is let through as it is", () => {
    for (const url of [
      "https://example.com/a?b=c#d",
      "https://example.com:8443/",
      "https://8.8.8.8/",
      "https://[2606:4700::1]/",
    ])
      expect(validateTarget(url, "public")).toMatchObject({ ok: true });
    expect(validateTarget("http://localhost:3000/", "loopback").ok).toBe(true);
    expect(validateTarget("http://192.168.1.1:3000/", "loopback").ok).toBe(false);
    expect(validateTarget("http://hooks.lan/", "private").ok).toBe(true);
    expect(validateTarget("http://169.254.169.254/", "private").ok).toBe(false);
  });
});

describe("names", () => {
  const resolving = (...addresses: string[]) => ({
    resolve: async () => addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 })),
  });

  test("one private address among public ones refuses the name", async () => {
    for (const bad of ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1", "64:ff9b::7f00:1"])
      expect(await get("https://example.com/", { reach: "public", ...resolving("8.8.8.8", bad) })).toMatchObject({
        ok: false,
        reason: expect.stringContaining(`example.com leads to ${bad}`),
      });
  });

  test("a name that leads nowhere, or fails, is said to", async () => {
    expect(await get("https://example.com/", { reach: "public", ...resolving() })).toMatchObject({ ok: false });
    const failing = { resolve: () => Promise.reject(new Error("SERVFAIL")) };
    expect(await get("https://example.com/", { reach: "public", ...failing })).toEqual({
      ok: false,
      reason: "example.com was not found: its name leads to no address.",
    });
  });

  test("a name server that never answers is not waited for", async () => {
    const silent = { resolve: () => new Promise<never>(() => {}), limits: { connectMs: 50 } };
    expect(await get("https://example.com/", silent)).toMatchObject({ ok: false });
  });

  test("a name that changes its mind between look and connection is connected to where we looked", async () => {
    let looks = 0;
    const port = await web((_, answer) => answer.end("where we looked"));
    const resolve = async () => (looks++ === 0 ? here : [{ address: "10.0.0.1", family: 4 }]);
    const fetched = await get(`http://hooks.invalid:${port}/`, { resolve });
    expect(fetched).toEqual({ ok: true, status: 200, body: Buffer.from("where we looked") });
    expect(looks).toBe(1);
    expect(await get(`http://hooks.invalid:${port}/`, { resolve })).toMatchObject({ ok: false });
  });

  test("the address that was looked at is the one that is asked, by its name", async () => {
    let host: string | undefined;
    const port = await web(({ headers }, answer) => {
      host = headers.host;
      answer.end("yes");
    });
    // No such name is known to anybody, so only the pinned address can have led there.
    expect(await get(`http://hooks.invalid:${port}/`)).toMatchObject({ ok: true, status: 200 });
    expect(host).toBe(`hooks.invalid:${port}`);
  });

  test("plain http never leaves for a public address", async () => {
    const fetched = await get("http://example.com/", { reach: "private", ...resolving("8.8.8.8") });
    expect(fetched).toMatchObject({ ok: false, reason: expect.stringContaining("https only") });
  });
});

describe("answers", () => {
  test("a redirect is an answer like any other, and not followed", async () => {
    let followed = 0;
    const to = await web((_, answer) => answer.end(String(++followed)));
    for (const status of [301, 302, 303, 307, 308]) {
      const port = await web((_, answer) =>
        answer.writeHead(status, { location: `http://127.0.0.1:${to}/` }).end("moved"),
      );
      expect(await get(`http://127.0.0.1:${port}/`)).toEqual({ ok: true, status, body: Buffer.from("moved") });
    }
    expect(followed).toBe(0);
  });

  test("a server that does not respond times out", async () => {
    const port = await raw(() => {});
    const limits = { headersMs: 100, totalMs: 200 };
    expect(await get(`http://127.0.0.1:${port}/`, { limits })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^No answer/),
    });
  });

  test("headers that drip, and answers before the answer, do not outlast the limit", async () => {
    for (const drop of ["x-a: 1\r\n", ""]) {
      const port = await raw((socket) => {
        socket.write(drop ? "HTTP/1.1 200 OK\r\n" : "");
        const timer = setInterval(() => socket.write(drop || "HTTP/1.1 103 Early Hints\r\n\r\n"), 10);
        socket.on("close", () => clearInterval(timer));
      });
      expect(await get(`http://127.0.0.1:${port}/`, { limits: { headersMs: 200 } })).toMatchObject({ ok: false });
    }
  });

  test("a body that drips is left at the limit, with its status and what had come", async () => {
    const port = await web((_, answer) => {
      answer.writeHead(202).write("first");
      const timer = setInterval(() => answer.write("."), 20);
      answer.on("close", () => clearInterval(timer));
    });
    const fetched = await get(`http://127.0.0.1:${port}/`, { limits: { totalMs: 400 } });
    expect(fetched).toMatchObject({ ok: true, status: 202 });
    expect(fetched.ok && fetched.body.toString()).toMatch(/^first/);
  });

  test("of a body without end the beginning is read, and the connection closed", async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const port = await web((_, answer) => {
      const more = () => {
        while (answer.write("x".repeat(65536)));
      };
      answer.on("drain", more).on("close", closed);
      more();
    });
    const fetched = await get(`http://127.0.0.1:${port}/`, { limits: { bodyBytes: 1000 } });
    expect(fetched).toEqual({ ok: true, status: 200, body: Buffer.from("x".repeat(1000)) });
    await gone;
  });

  test("a packed body stays packed", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    let asked: string | undefined;
    const port = await web(({ headers }, answer) => {
      asked = headers["accept-encoding"]?.toString();
      answer.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const fetched = await get(`http://127.0.0.1:${port}/`, { limits: { bodyBytes: 100 } });
    expect(fetched).toEqual({ ok: true, status: 200, body: bomb.subarray(0, 100) });
    expect(asked).toBe("identity");
  });

  test("a flood of headers is refused", async () => {
    const port = await raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      for (let n = 0; n < 5000; n++) socket.write(`x-${n}: ${"y".repeat(100)}\r\n`);
      socket.end("\r\n");
    });
    expect(await get(`http://127.0.0.1:${port}/`)).toEqual({
      ok: false,
      reason: "The headers of the answer were too long.",
    });
  });

  test("what is no HTTP, a cut connection, another protocol and nobody at all are said in words", async () => {
    const noise = await raw((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const cut = await raw((socket) => socket.destroy());
    const other = await raw((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
    const server = createServer();
    const nobody = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const why = async (port: number) => (await get(`http://127.0.0.1:${port}/`)) as { ok: false; reason: string };
    expect(await why(noise)).toEqual({ ok: false, reason: "What it answered is no HTTP." });
    expect(await why(cut)).toEqual({ ok: false, reason: "The connection was cut off before an answer came." });
    expect(await why(other)).toEqual({ ok: false, reason: "It wanted to speak something else than HTTP." });
    expect(await why(nobody)).toEqual({ ok: false, reason: "Nobody listens there: the connection was refused." });
  });

  test("no connection is kept for the next one", async () => {
    const ports = new Set<number | undefined>();
    const port = await web((request, answer) => {
      ports.add(request.socket.remotePort);
      answer.end(request.headers.connection);
    });
    for (let n = 0; n < 3; n++)
      expect(await get(`http://127.0.0.1:${port}/`)).toEqual({ ok: true, status: 200, body: Buffer.from("close") });
    expect(ports.size).toBe(3);
  });
});

test("a proxy in the environment is not asked", async () => {
  let proxied = 0;
  const proxy = await web((_, answer) => answer.end(`proxied ${++proxied}`));
  const port = await web((_, answer) => answer.end("direct"));
  const script = `
    const { guardedFetch } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/network/guarded-fetch.ts"))});
    const ask = guardedFetch({ reach: "loopback", resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    const { body, why } = await ask({ url: "http://hooks.invalid:${port}/", method: "GET", headers: {} });
    console.log(why ?? body.toString());`;
  const { execFile } = await import("node:child_process");
  const env = { ...process.env, NODE_USE_ENV_PROXY: "1", HTTP_PROXY: `http://127.0.0.1:${proxy}`, NO_PROXY: "" };
  const received = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, ["--input-type=module", "-e", script], { env }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  );
  expect([received.trim(), proxied]).toEqual(["direct", 0]);
});

needs("openssl")("over TLS the name goes along, and the certificate has to be a known one for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync(
    programOf("openssl") ?? "",
    ["req", "-x509", ...kind, "-subj", "/CN=hooks.test", "-keyout", key, "-out", cert],
    { stdio: "pipe" },
  );
  let asked = 0;
  const names: string[] = [];
  const server = createTlsServer(
    {
      key: readFileSync(key),
      cert: readFileSync(cert),
      SNICallback: (name, go) => {
        names.push(name);
        go(null);
      },
    },
    (_, answer) => answer.end(`${++asked}`),
  );
  server.on("tlsClientError", () => {});
  const port = await listening(server);
  expect(await get(`https://hooks.test:${port}/`)).toEqual({
    ok: false,
    reason: "Its certificate is signed by nobody who is known.",
  });
  expect(asked).toBe(0);
  expect(names).toEqual(["hooks.test"]);
  rmSync(folder, { recursive: true, maxRetries: 3 });
});
