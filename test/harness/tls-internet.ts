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

// An internet of a few names with HTTPS, on this machine alone: Slipway behind its TLS terminator, the apps in the
// cloud, the cloud's console. Slipway itself reaches it as it reaches the world behind a company's proxy.

const names = ["slipway.test", "*.cloudfront.net", "*.console.aws.amazon.com", "*.us-central1.run.app"];

export async function internet() {
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
    const there = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    for (const end of [there, socket])
      end.on("error", () => {
        there.destroy();
        socket.destroy();
      });
  });
  await once(proxy, "listening");

  return {
    /** Who is at home at which names. */
    set(all: [RegExp, RequestListener][]) {
      sites = all;
    },
    /** How a Slipway finds it. */
    env: {
      NODE_EXTRA_CA_CERTS: certificate,
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
      NO_PROXY: "127.0.0.1",
    },
    /** How Chromium finds it. */
    args: [`--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1:${port}`).join(", ")}`],
    /** How the cloud does: it looks at the certificate, too. */
    async fetch(address: string): Promise<Response> {
      const { hostname: servername, host, pathname, search } = new URL(address);
      const headers = { host };
      const asked = sendOverTls({
        host: "127.0.0.1",
        port,
        servername,
        headers,
        ca: pem,
        path: pathname + search,
      }).end();
      const [answer] = await once(asked, "response");
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

/** Hands everything on to a server on this machine, as what terminates TLS does. */
export const terminating =
  (port: number): RequestListener =>
  (request, response) => {
    const { method, url: path, headers } = request;
    const onward = send({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  };
