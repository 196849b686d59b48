import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { addressPath } from "../src/address.ts";
import { createClouds } from "../src/clouds/index.ts";
import type { Probe } from "../src/clouds/probe-url.ts";
import { readConfig } from "../src/config.ts";
import { hasUnfinishedDeployments, lockDataDir } from "../src/data/data-dir.ts";
import type { Issuer } from "../src/identity/oidc-issuer.ts";
import { createSeal, loadOrCreateSecret } from "../src/identity/seal.ts";
import { limitResponseSize } from "../src/network/limit-response-size.ts";
import { localRepositories } from "../src/repositories/local-folders.ts";
import { startupMessage } from "./startup-message.ts";

// The only file that reads the environment, the clock and random numbers.
const now = () => new Date();
const random = (bytes: number) => randomBytes(bytes);
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const newId = () => Array.from(randomBytes(26), (byte) => alphabet[byte & 31]).join("");
const log = (message: string, error: unknown) => console.error(`${now().toISOString()} ${message}`, error);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

// Everything this process writes is for its own user: the database, secrets, and the files of apps it runs.
process.umask(0o077);

function bootstrap() {
  try {
    const config = readConfig(process.env);
    const lock = lockDataDir(config.dataDir);
    return { config, lock, seal: createSeal(config.secret ?? loadOrCreateSecret(config.dataDir)) };
  } catch (error) {
    return fail((error as Error).message);
  }
}

const { config, lock, seal } = bootstrap();
const file = join(config.dataDir, "slipway.db");
let loadingIssuer: Promise<Issuer> | undefined;
const issuer = () => {
  loadingIssuer ??= import("../src/identity/oidc-issuer.ts").then(({ createIssuer }) =>
    createIssuer({ ...config, now, newId }),
  );
  return loadingIssuer;
};
// With this variable Node's own fetch uses the operator's proxy: https://nodejs.org/api/cli.html#node_use_env_proxy1
const viaProxy = process.env.NODE_USE_ENV_PROXY === "1" && process.env.HTTPS_PROXY ? fetch : undefined;
let loadingProbe: Promise<Probe> | undefined;
const probe: Probe = async (url) => {
  loadingProbe ??= import("../src/network/app-probe.ts").then(({ createAppProbe }) =>
    createAppProbe({ resolve: (name) => lookup(name, { all: true }), viaProxy }),
  );
  return (await loadingProbe)(url);
};
const clouds = createClouds(config.clouds, {
  origin: config.origin,
  dataDir: config.dataDir,
  localCloud: config.localCloud,
  environment: process.env,
  fetch: limitResponseSize(fetch),
  probe,
  now,
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted()),
  signIdToken: async (subject, audience) => (await issuer()).signToken(subject, audience),
  deriveSecret: (cloud, text) => seal.derive(cloud, text),
});
const local = localRepositories(config.localRepos, Date.now);

type Services = ReturnType<typeof import("./create-services.ts").createServices>;
let opening: Promise<Services> | undefined;
let services: Services | undefined;

/** Opens the database and builds the app lazily: on the first request, at once if deployments were interrupted, otherwise after one second. */
function open(): Promise<Services> {
  opening ??= import("./create-services.ts").then(({ createServices }) => {
    services = createServices({ config, file, clouds, issuer, seal, local, now, newId, random, log });
    return services;
  });
  opening.catch((error) => fail(`Slipway can't open ${file}: ${(error as Error).message}`));
  return opening;
}

const server = createServer((request, response) => {
  if (services) return services.listener(request, response);
  // Healthy before the database is open: the lock on its directory is held.
  if (request.url === "/up") return response.setHeader("cache-control", "no-store").end("up\n");
  open().then(({ listener }) => listener(request, response));
});

// Closes connections that take no data for this long. Event streams have a heartbeat.
server.timeout = 120_000;
server.on("error", (error: NodeJS.ErrnoException) => {
  fail(error.code === "EADDRINUSE" ? `Port ${config.port} is in use: set PORT to another one` : error.message);
});
server.listen(config.port, config.hostname, async () => {
  if (hasUnfinishedDeployments(file)) open();
  else setTimeout(open, 1000).unref();
  console.log(startupMessage(config, clouds, (await local.list()).map(addressPath)));
});

let stoppingSince: number | undefined;
async function stop() {
  // Under npm, Ctrl-C sends the signal twice: once from the terminal, once through npm.
  if (stoppingSince && Date.now() - stoppingSince > 1000) process.exit(130);
  if (stoppingSince) return;
  stoppingSince = Date.now();
  const running = await opening;
  if (running?.active()) console.log("Finishing running steps. Press Ctrl-C again to stop immediately.");
  await running?.close();
  server.close();
  server.closeAllConnections();
  lock.release();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
