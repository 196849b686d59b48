import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, request as send } from "node:http";
import { createServer as createTlsServer, request as sendOverTls } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { programOf } from "./peers.ts";

// An internet of a few HTTPS names on this machine: Slipway behind its TLS terminator, the apps in the cloud, the
// cloud's console. Slipway reaches it through an HTTP proxy, as behind a company's firewall.

const names = ["slipway.test", "*.cloudfront.net", "*.console.aws.amazon.com", "*.us-central1.run.app"];

export async function createTlsInternet() {
  const folder = mkdtempSync(join(tmpdir(), "slipway-internet-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const about = ["-subj", "/CN=a test", "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join()}`];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync(programOf("openssl") ?? "", ["req", "-x509", ...kind, ...about, "-keyout", key, "-out", certificate], {
    stdio: "pipe",
  });
  const pem = readFileSync(certificate);

  let sites: [RegExp, RequestListener][] = [];
  const tls = createTlsServer({ key: readFileSync(key), cert: pem }, (request, response) => {
    const [, site] = sites.find(([host]) => host.test(request.headers.host ?? "")) ?? [];
    if (site) return site(request, response);
    response.writeHead(503).end("Nobody is at home here.");
  }).listen(0, "127.0.0.1");
  await once(tls, "listening");
  const { port } = tls.address() as { port: number };

  const proxy = createServer().listen(0, "127.0.0.1");
  proxy.on("connect", (_, socket) => {
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket])
      end.on("error", () => {
        upstream.destroy();
        socket.destroy();
      });
  });
  await once(proxy, "listening");

  return {
    /** Sets the site of each host name. */
    set(all: [RegExp, RequestListener][]) {
      sites = all;
    },
    /** Environment for a Slipway process. */
    env: {
      NODE_EXTRA_CA_CERTS: certificate,
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
      NO_PROXY: "127.0.0.1",
    },
    /** Arguments for Chromium. */
    args: [`--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1:${port}`).join(", ")}`],
    /** Fetches as the cloud does, with verification of the certificate. */
    async fetch(address: string): Promise<Response> {
      const { hostname: servername, host, pathname, search } = new URL(address);
      const headers = { host };
      const outgoing = sendOverTls({
        host: "127.0.0.1",
        port,
        servername,
        headers,
        ca: pem,
        path: pathname + search,
      }).end();
      const [answer] = await once(outgoing, "response");
      return new Response(await text(answer), {
        status: answer.statusCode,
        headers: { "content-type": answer.headers["content-type"] ?? "" },
      });
    },
    close() {
      for (const server of [tls, proxy]) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

/** Forwards every request to a server on this machine, as a TLS terminator does. */
export const tlsTerminator =
  (port: number): RequestListener =>
  (request, response) => {
    const { method, url: path, headers } = request;
    const forwarded = send({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  };
