import { lookup } from "node:dns/promises";
import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { repositoryKey } from "../src/address.ts";
import type { Cloud } from "../src/clouds/cloud.ts";
import { badgeClouds } from "../src/clouds/index.ts";
import type { Config } from "../src/config.ts";
import { openDb } from "../src/data/db.ts";
import { storedBlocks } from "../src/data/store/blocks.ts";
import { settingsFinder } from "../src/data/store/settings.ts";
import { findWatched } from "../src/data/store/watched-repositories.ts";
import { createEventBus } from "../src/deployments/event-bus.ts";
import { createDeployments } from "../src/deployments/lifecycle.ts";
import { pruneDeployments } from "../src/deployments/prune.ts";
import type { Issuer } from "../src/identity/oidc-issuer.ts";
import type { Seal } from "../src/identity/seal.ts";
import { startInterval } from "../src/interval.ts";
import { createSignIn } from "../src/maintainers/github-sign-in.ts";
import { createMaintainers } from "../src/maintainers/push-access.ts";
import { createSessions } from "../src/maintainers/sessions.ts";
import { reports as createReports } from "../src/moderation/reports.ts";
import { runForClient, servedNetwork } from "../src/network/client-context.ts";
import { guardedFetch } from "../src/network/guarded-fetch.ts";
import { limitResponseSize } from "../src/network/limit-response-size.ts";
import { createUserClient } from "../src/repositories/github/user-client.ts";
import { lazyHost, repositories } from "../src/repositories/index.ts";
import { createInspector } from "../src/repositories/inspect.ts";
import { inspectWithSettings } from "../src/repositories/inspect-with-settings.ts";
import type { localRepositories } from "../src/repositories/local-folders.ts";
import { createWatcher, schedules } from "../src/repositories/watch.ts";
import { createVisitCounter } from "../src/stats/visit-counter.ts";
import { createWebhooks } from "../src/webhooks/index.ts";
import { createApp } from "./app.ts";
import { createBadgeCache } from "./badges/badge-cache.ts";
import { drawBadge } from "./badges/badges.ts";

interface ServiceOptions {
  config: Config;
  /** The path of the database. */
  file: string;
  clouds: Cloud[];
  issuer: () => Promise<Issuer>;
  seal: Seal;
  local: ReturnType<typeof localRepositories>;
  now: () => Date;
  newId: () => string;
  random: (bytes: number) => Uint8Array;
  log: (message: string, error: unknown) => void;
}

/** Opens the database, resumes interrupted deployments and creates the request listener. */
export function createServices({ config, file, clouds, issuer, seal, local, now, newId, random, log }: ServiceOptions) {
  const db = openDb(file);
  const github = lazyHost(async () => {
    const [{ githubRepositories }, { storedResponses }] = await Promise.all([
      import("../src/repositories/github/index.ts"),
      import("../src/data/store/http-cache.ts"),
    ]);
    const { apiUrl, token } = config.github;
    const cache = storedResponses(db, Date.now);
    const isKnown = (owner: string, repo: string) =>
      Boolean(findWatched(db, repositoryKey(`github.com/${owner}/${repo}`))?.good);
    const clientNetwork = servedNetwork;
    return githubRepositories({
      apiUrl,
      token: token ?? undefined,
      fetch,
      cache,
      now: Date.now,
      clientNetwork,
      isKnown,
    });
  });
  const hosts = repositories({ "github.com": github, local });
  const visits = createVisitCounter(db, { now, random, origin: config.origin, log });
  const reports = createReports(db, now, random);
  const sessions = createSessions({ db, seal, now, random });
  const deployments = createDeployments({
    db,
    clouds,
    repositories: hosts,
    seal,
    feed: createEventBus(),
    now,
    newId,
    log,
  });
  const [settingsOf, blocks] = [settingsFinder(db), storedBlocks(db)];
  const inspectRepository = inspectWithSettings(createInspector(hosts), {
    settingsOf: (repo) => settingsOf(repo)?.settings ?? {},
    blockOf: blocks.of,
  });
  const reach = config.webhooksReach;
  const webhookFetch = guardedFetch({ reach, resolve: (name) => lookup(name, { all: true }) });
  const webhooks = createWebhooks({ db, seal, fetch: webhookFetch, reach, now, random, newId, log });
  const schedule = config.github.token ? schedules.withToken : schedules.without;
  const watcher = createWatcher({ db, inspect: inspectRepository, schedule, now, random, log });
  const context = {
    config,
    db,
    clouds,
    badgeClouds: badgeClouds(config.clouds),
    seal,
    fetch: limitResponseSize(fetch),
    issuer,
    inspect: watcher.inspect,
    settingsOf,
    blocks,
    reports,
    resolveAddress: github.settle,
    examples: local.list,
    deployments,
    signIn: createSignIn({ config, fetch: limitResponseSize(fetch), random, now: Date.now }),
    sessions,
    maintainers: createMaintainers({ sessions, apiUrl: config.github.apiUrl, fetch, now: Date.now }),
    userClient: (token: string) => createUserClient({ apiUrl: config.github.apiUrl, fetch, now: Date.now }, token),
    webhooks,
    visits,
    random,
    now,
    log,
  };
  const pages = getRequestListener(createApp(context).fetch);
  const serveBadge = createBadgeCache({ render: drawBadge(context), record: visits.badge, now: Date.now });
  const listener: RequestListener = (request, response) => {
    runForClient(request, () => {
      if (!serveBadge(request, response)) pages(request, response);
    });
  };
  const pruners = [
    deployments.forget,
    sessions.forget,
    webhooks.prune,
    watcher.prune,
    reports.prune,
    () => void pruneDeployments(db, now()),
  ];
  const timers = [
    ...pruners.map((prune) => startInterval(60_000, prune, log)),
    startInterval(1000, webhooks.tick, log),
    startInterval(schedule.roundMs, () => void watcher.round(), log),
  ];
  deployments.resume();
  return {
    listener,
    active: deployments.active,
    /** Waits for the running steps and stores what is only in memory. */
    async close() {
      for (const timer of timers) timer.stop();
      await deployments.drain();
      await webhooks.close();
      visits.stop();
      db.$client.close();
    },
  };
}
