import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressPath } from "../src/address.ts";
import type { Dependencies as Aws } from "../src/clouds/aws/dependencies.ts";
import type { Dependencies as Gcp } from "../src/clouds/gcp/dependencies.ts";
import { clouds as allClouds } from "../src/clouds/index.ts";
import { readConfig } from "../src/config.ts";
import { hasUnfinishedDeployments, lockDataDir } from "../src/data/data-dir.ts";
import type { Issuer } from "../src/identity/oidc-issuer.ts";
import { createSeal, loadOrCreateSecret } from "../src/identity/seal.ts";
import { localRepositories } from "../src/repositories/local-folders.ts";
import { startupMessage } from "./startup-message.ts";

// The one place where the world comes in: the environment, the clock, randomness, the network.
const now = () => new Date();
const random = (bytes: number) => randomBytes(bytes);
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const newId = () => Array.from(randomBytes(26), (byte) => letters[byte & 31]).join("");
const log = (message: string, error: unknown) => console.error(`${now().toISOString()} ${message}`, error);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function held() {
  try {
    const config = readConfig(process.env);
    return {
      config,
      hold: lockDataDir(config.dataDir),
      sealed: createSeal(config.secret ?? loadOrCreateSecret(config.dataDir)),
    };
  } catch (error) {
    return fail((error as Error).message);
  }
}

const { config, hold, sealed } = held();
const file = join(config.dataDir, "slipway.db");
let signing: Promise<Issuer> | undefined;
const issuer = () => {
  signing ??= import("../src/identity/oidc-issuer.ts").then(({ createIssuer: issuer }) =>
    issuer({ ...config, now, newId }),
  );
  return signing;
};
const world = {
  origin: config.origin,
  fetch,
  now,
  sleep: (milliseconds: number, signal?: AbortSignal) =>
    sleep(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted()),
};
const aws: Aws = {
  ...config.aws,
  ...world,
  signIdToken: async (subject, audience) => (await issuer()).signToken(subject, audience),
  deriveSecret: (text) => sealed.derive("aws", text),
};
const gcp: Gcp = { ...config.gcp, ...world };
const clouds = allClouds({ ...config, aws, gcp, path: process.env.PATH ?? "", environment: process.env });
const local = localRepositories(config.localRepos, Date.now);

type Inside = ReturnType<typeof import("./create-services.ts").createServices>;
let opening: Promise<Inside> | undefined;
let opened: Inside | undefined;

/** Opens what is behind the socket: when the first asks for it, when there is something to go on with, or a second later. */
function open(): Promise<Inside> {
  opening ??= import("./create-services.ts").then(({ createServices: inside }) => {
    opened = inside({ config, file, clouds, aws, issuer, seal: sealed, local, now, newId, random, log });
    return opened;
  });
  opening.catch((error) => fail(`Slipway cannot open ${file}: ${(error as Error).message}`));
  return opening;
}

const server = createServer((request, response) => {
  if (opened) return opened.listener(request, response);
  // Alive, in possession of its data, and about to open them.
  if (request.url === "/up") return response.setHeader("cache-control", "no-store").end("up\n");
  open().then(({ listener }) => listener(request, response));
});

// Who takes nothing for so long holds memory for nothing; an open event stream has a heartbeat.
server.timeout = 120_000;
server.on("error", (error: NodeJS.ErrnoException) => {
  fail(error.code === "EADDRINUSE" ? `Port ${config.port} is taken: set PORT to another one` : error.message);
});
server.listen(config.port, config.hostname, async () => {
  if (hasUnfinishedDeployments(file)) open();
  else setTimeout(open, 1000).unref();
  console.log(startupMessage(config, clouds, (await local.list()).map(addressPath)));
});

let stopping: number | undefined;
async function stop() {
  // Ctrl-C reaches us twice under npm: from the terminal, and passed on.
  if (stopping && Date.now() - stopping > 1000) process.exit(130);
  if (stopping) return;
  stopping = Date.now();
  const house = await opening;
  if (house?.active()) console.log("Finishing the steps in hand; once more to stop at once.");
  await house?.close();
  server.close();
  server.closeAllConnections();
  hold.release();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
