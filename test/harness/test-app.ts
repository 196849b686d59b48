import { lookup } from "node:dns/promises";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { createApp } from "../../routes/app.ts";
import type { AppContext } from "../../routes/app-context.ts";
import type { Cloud } from "../../src/clouds/cloud.ts";
import { badgeClouds } from "../../src/clouds/index.ts";
import type { Db } from "../../src/data/db.ts";
import { storedBlocks } from "../../src/data/store/blocks.ts";
import { settingsFinder } from "../../src/data/store/settings.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { createSignIn } from "../../src/maintainers/github-sign-in.ts";
import { createMaintainers } from "../../src/maintainers/push-access.ts";
import { createSessions } from "../../src/maintainers/sessions.ts";
import { reports } from "../../src/moderation/reports.ts";
import { guardedFetch } from "../../src/network/guarded-fetch.ts";
import type { Address, Repositories } from "../../src/repo.ts";
import { createUserClient } from "../../src/repositories/github/user-client.ts";
import { repositories } from "../../src/repositories/index.ts";
import { createInspector } from "../../src/repositories/inspect.ts";
import { inspectWithSettings } from "../../src/repositories/inspect-with-settings.ts";
import { localRepositories } from "../../src/repositories/local-folders.ts";
import { createWatcher, schedules } from "../../src/repositories/watch.ts";
import { createVisitCounter } from "../../src/stats/visit-counter.ts";
import { createWebhooks } from "../../src/webhooks/index.ts";
import { createScriptedCloud, createTestDeployments } from "./scripted-cloud.ts";

export const origin = "http://localhost:8080";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Creates a folder `apps` with one repository per name: `local/apps/<name>`. */
export function appsFolder(repos: Record<string, Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  folders.push(folder);
  const root = join(folder, "apps");
  for (const [repo, files] of Object.entries(repos))
    for (const [file, text] of Object.entries(files)) {
      const path = join(root, repo, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  return root;
}

const offline: Repositories = {
  open: async () => ({
    ok: false,
    trouble: {
      kind: "unreachable",
      note: { file: "", line: null, column: null, path: "", message: "There is no network in this test.", fix: "" },
    },
  }),
  download: async () => {},
};

const offlineFetch = () => Promise.reject(new Error("There is no network in this test."));
const noSignIn = { apiUrl: "http://127.0.0.1:1", token: null, oauthUrl: "http://127.0.0.1:1", client: null };

interface Options {
  repos?: Record<string, Record<string, string>>;
  github?: Repositories;
  cloud?: Cloud;
  lookAt?: typeof createInspector;
  config?: Partial<AppContext["config"]>;
  now?: () => Date;
  /** The database of an earlier process. */
  db?: Db;
}

const succeeding = createScriptedCloud(async function* () {
  yield { type: "step", name: "web", state: "running" };
  yield { type: "step", name: "web", state: "done" };
  yield { type: "state", state: "succeeded", url: "http://127.0.0.1:4000/" };
});

/** Creates the app in this process, as the server does, with folders for repositories and a scripted cloud. */
export function createTestApp(options: Options = {}) {
  const {
    repos = {},
    github = offline,
    cloud = succeeding,
    lookAt: look = createInspector,
    now = () => new Date(),
  } = options;
  const test = createTestDeployments({ cloud, now, db: options.db });
  const roots = [appsFolder(repos)];
  const local = localRepositories(roots, Date.now);
  const hosts = repositories({ "github.com": github, local });
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const log = (_: string, error: unknown) => test.bugs.push(error);
  const counter = createVisitCounter(test.db, { now, random, origin, log });
  const sealed = createSeal("a secret of more than thirty-two letters");
  const sessions = createSessions({ db: test.db, seal: sealed, now, random });
  const config = { origin, localCloud: true, localRepos: roots, github: noSignIn, operators: [], ...options.config };
  const signInOptions = {
    config,
    apiUrl: config.github.apiUrl,
    fetch: options.config?.github ? fetch : offlineFetch,
    random,
    now: () => now().getTime(),
  };
  const [settingsOf, blocks] = [settingsFinder(test.db), storedBlocks(test.db)];
  const inspect = inspectWithSettings(look(hosts), {
    settingsOf: (repo) => settingsOf(repo)?.settings ?? {},
    blockOf: blocks.of,
  });
  const watcher = createWatcher({ db: test.db, inspect: inspect, schedule: schedules.withToken, now, random, log });
  const slipway: AppContext = {
    config,
    db: test.db,
    clouds: [cloud],
    badgeClouds: [...badgeClouds(), { id: cloud.id, ...cloud.mark }],
    fetch,
    issuer: async () => ({ jwks: async () => ({ keys: [] }) }),
    inspect: watcher.inspect,
    settingsOf,
    blocks,
    reports: reports(test.db, now, random),
    resolveAddress: async ({ rest: _, ...address }: Address & { rest?: string }) => ({ ok: true as const, address }),
    examples: local.list,
    deployments: test.story,
    seal: sealed,
    signIn: createSignIn(signInOptions),
    sessions: sessions,
    maintainers: createMaintainers({ ...signInOptions, sessions: sessions }),
    userClient: (token) => createUserClient(signInOptions, token),
    webhooks: createWebhooks({
      db: test.db,
      seal: sealed,
      fetch: guardedFetch({ reach: "loopback", resolve: (name) => lookup(name, { all: true }) }),
      reach: "loopback",
      now,
      random,
      newId: () => Buffer.from(random(13)).toString("hex"),
      log,
    }),
    visits: counter,
    random,
    now,
    log,
  };
  const app = createApp(slipway);
  const get = (path: string, headers: Record<string, string> = {}) => app.request(`${origin}${path}`, { headers });
  const getJson = (path: string) => get(path, { accept: "application/json" });
  const post = (path: string, body: string, headers: Record<string, string>) =>
    app.request(`${origin}${path}`, { method: "POST", body, headers });
  const postForm = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    post(path, new URLSearchParams(fields).toString(), {
      "content-type": "application/x-www-form-urlencoded",
      origin,
      ...headers,
    });
  const postJson = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    post(path, JSON.stringify(body), { "content-type": "application/json", ...headers });
  return { ...test, app, slipway, watcher, counter, get, getJson, post, postForm, postJson };
}
