import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { addressPath } from "../src/address.ts";
import type { World } from "../src/clouds/aws/world.ts";
import { clouds as allClouds } from "../src/clouds/index.ts";
import { readConfig } from "../src/config.ts";
import { holdDataDir, openDb } from "../src/db.ts";
import { deployments as story } from "../src/deployments.ts";
import { feed } from "../src/feed.ts";
import { folders } from "../src/folders.ts";
import { lookAt } from "../src/look.ts";
import type { Issuer } from "../src/oidc.ts";
import { lazily, repositories } from "../src/repositories.ts";
import { keptSecret, seal } from "../src/seal.ts";
import { visits as counter } from "../src/visits.ts";
import { createApp } from "./app.ts";
import { drawBadge } from "./badges.ts";
import { greeting } from "./greeting.ts";
import { warmBadges } from "./warm-badges.ts";

// The one place where the world comes in: the environment, the clock, randomness, the network.
const now = () => new Date();
const random = (bytes: number) => randomBytes(bytes);
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const newId = () => Array.from(randomBytes(26), (byte) => letters[byte & 31]).join("");
const log = (message: string, error: unknown) => console.error(`${now().toISOString()} ${message}`, error);

function open() {
  const config = readConfig(process.env);
  return { config, hold: holdDataDir(config.dataDir), db: openDb(join(config.dataDir, "slipway.db")) };
}

function opened() {
  try {
    return open();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

const { config, hold, db } = opened();
const sealed = seal(config.secret ?? keptSecret(config.dataDir));
let signing: Promise<Issuer> | undefined;
const issuer = () => {
  signing ??= import("../src/oidc.ts").then(({ issuer }) => issuer({ ...config, now, newId }));
  return signing;
};
const aws: World = {
  ...config.aws,
  origin: config.origin,
  token: async (subject, audience) => (await issuer()).token(subject, audience),
  derive: (text) => sealed.derive("aws", text),
  fetch,
  now,
  pause: (milliseconds, signal) =>
    setTimeout(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted()),
};
const clouds = allClouds({ ...config, aws, path: process.env.PATH ?? "", environment: process.env });
const local = folders(config.localRepos, Date.now);
const remote = lazily(async () => {
  const [{ github }, { storedResponses }] = await Promise.all([
    import("../src/github.ts"),
    import("../src/store/responses.ts"),
  ]);
  const { apiUrl, token } = config.github;
  return github({ apiUrl, token: token ?? undefined, fetch, responses: storedResponses(db, Date.now), now: Date.now });
});
const hosts = repositories({ "github.com": remote, local });
const visits = counter(db, now);
const deployments = story({
  db,
  clouds,
  repositories: hosts,
  seal: sealed,
  feed: feed(),
  now,
  newId,
  log,
});
const slipway = {
  config,
  db,
  clouds,
  aws,
  bucket: config.aws.templatesBucket,
  issuer,
  lookAt: lookAt(hosts),
  settle: remote.settle,
  examples: local.list,
  deployments,
  visits,
  random,
  now,
  log,
};
const pages = getRequestListener(createApp(slipway).fetch);
const warm = warmBadges({ render: drawBadge(slipway), record: visits.badge, now: Date.now });
const server = createServer((request, response) => {
  if (!warm(request, response)) pages(request, response);
});

// Who takes nothing for so long holds memory for nothing; an open event stream has a heartbeat.
server.timeout = 120_000;
server.on("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  console.error(taken ? `Port ${config.port} is taken: set PORT to another one` : error.message);
  process.exit(1);
});
server.listen(config.port, config.hostname, async () => {
  console.log(greeting(config, clouds, (await local.list()).map(addressPath)));
  deployments.resume();
});
const forgetting = setInterval(deployments.forget, 60_000).unref();

let stopping: number | undefined;
async function stop() {
  // Ctrl-C reaches us twice under npm: from the terminal, and passed on.
  if (stopping && Date.now() - stopping > 1000) process.exit(130);
  if (stopping) return;
  stopping = Date.now();
  clearInterval(forgetting);
  if (deployments.active() > 0) console.log("Finishing the steps in hand; once more to stop at once.");
  await deployments.drain();
  server.close();
  server.closeAllConnections();
  visits.stop();
  db.$client.close();
  hold.release();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
