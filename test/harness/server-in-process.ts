import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createServices } from "../../routes/create-services.ts";
import { createClouds } from "../../src/clouds/index.ts";
import type { CloudModule } from "../../src/clouds/module.ts";
import { readConfig } from "../../src/config.ts";
import { createIssuer } from "../../src/identity/oidc-issuer.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { localRepositories } from "../../src/repositories/local-folders.ts";
import { freePort } from "./server.ts";

interface Options {
  /** Instead of the clouds that the server lists. */
  modules: CloudModule[];
  dataDir: string;
  env: Record<string, string>;
}

/** Serves the whole of Slipway from this process, with other clouds than the server's. */
export async function serveInProcess({ modules, dataDir, env }: Options) {
  const port = await freePort();
  const config = readConfig({ PORT: String(port), DATA_DIR: dataDir, ...env }, modules);
  const seal = createSeal("a secret of more than thirty-two letters");
  const bugs: unknown[] = [];
  const now = () => new Date();
  const newId = () => randomBytes(13).toString("hex");
  const issuer = createIssuer({ ...config, now, newId });
  const clouds = createClouds(config.clouds, {
    ...config,
    environment: env,
    fetch,
    probe: () => Promise.reject(new Error("No test of this server probes an app.")),
    now,
    sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
    signIdToken: issuer.signToken,
    deriveSecret: (cloud, text) => seal.derive(cloud, text),
  });
  const services = createServices({
    config,
    file: join(dataDir, "slipway.db"),
    clouds,
    issuer: async () => issuer,
    seal,
    local: localRepositories(config.localRepos, Date.now),
    now,
    newId,
    random: randomBytes,
    log: (_, error) => void bugs.push(error),
  });
  const server = createServer(services.listener).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: config.origin,
    bugs,
    async end() {
      await services.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
