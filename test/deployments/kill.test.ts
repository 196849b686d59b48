import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findLeftovers, noLeftovers, processesOf } from "../clouds/local/leftover-processes.ts";
import { seededRandom } from "../harness/seeded-random.ts";
import { createDataDir, freePort, serve } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

// The server is killed at every step and at random instants. Each command of this app writes down that it
// ran, so what the tests read is what really happened, not what the ledger says.

const diary = mkdtempSync(join(tmpdir(), "slipway-diary-"));
const write = (what: string) => `echo ${what} >> "$DIARY"`;
const counting = {
  "app.json": JSON.stringify({
    name: "Counting",
    env: { DIARY: { description: "Where commands write that they ran" } },
  }),
  Procfile: [
    `release: ${write("release")}; sleep 0.3; echo released`,
    "web: node server.js",
    `worker: ${write("worker")}; exec sleep 600`,
  ].join("\n"),
  "package.json": JSON.stringify({ scripts: { build: `${write("build")}; sleep 0.3; echo built` } }),
  "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages: {} }),
  "server.js": `const fs = require("node:fs");
fs.appendFileSync(process.env.DIARY, "web\\n");
require("node:http").createServer((_, answer) => answer.end("counted")).listen(process.env.PORT);`,
};
const root = appsFolder({ counting });
const { dataDir, dispose } = createDataDir();
afterAll(() => {
  dispose();
  rmSync(diary, { recursive: true, maxRetries: 5 });
});

type Served = Awaited<ReturnType<typeof serve>>;
interface DeploymentTwin {
  id: string;
  state: string;
  url: string | null;
  error: { message: string } | null;
}

const json = { accept: "application/json", "content-type": "application/json" };
const fetchDeployment = async (server: Served, id: string) =>
  (await (await fetch(`${server.origin}/deployments/${id}`, { headers: json })).json()) as DeploymentTwin;
const atRest = ({ state }: DeploymentTwin) => state !== "running" && state !== "removing";

/** Kills and starts the server again, each time when `instant` has passed, until the deployment is at rest. */
async function killUntilAtRest(
  start: () => Promise<Served>,
  begin: (server: Served) => Promise<string>,
  instant: (server: Served, id: string) => Promise<void>,
) {
  let server = await start();
  const id = await begin(server);
  let kills = 0;
  for (
    let deployment = await fetchDeployment(server, id);
    !atRest(deployment);
    deployment = await fetchDeployment(server, id)
  ) {
    await instant(server, id);
    await server.end("SIGKILL");
    kills++;
    server = await start();
  }
  return { server, id, kills, deployment: await fetchDeployment(server, id) };
}

async function startDeployment(server: Served, file: string): Promise<string> {
  const body = { repo: "local/apps/counting", cloud: "local", request: file, env: { DIARY: file } };
  const answer = await fetch(`${server.origin}/deployments`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(body),
  });
  const { id } = (await answer.json()) as DeploymentTwin;
  expect(id).toBeTruthy();
  return id;
}

const startRemoval = (id: string) => async (server: Served) => {
  await fetch(`${server.origin}/deployments/${id}/removal`, { method: "POST", headers: json });
  return id;
};

async function deployAndRemoveUnderKills(name: string, instant: (server: Served, id: string) => Promise<void>) {
  const port = await freePort();
  const start = () => serve({ port, dataDir: join(dataDir, name), env: { LOCAL_REPOS: [root].join(delimiter) } });
  const file = join(diary, name);

  const deployed = await killUntilAtRest(start, (server) => startDeployment(server, file), instant);
  expect(deployed.deployment).toMatchObject({ state: "succeeded", error: null });
  expect(await (await fetch(deployed.deployment.url ?? "")).text()).toBe("counted");
  expect(readFileSync(file, "utf8").trim().split("\n").sort()).toEqual(["build", "release", "web", "worker"]);
  const said = await (await fetch(`${deployed.server.origin}/deployments/${deployed.id}/events`)).text();
  for (const line of ["built", "released"])
    expect([line, said.split(`data: {"line":"${line}"}`).length - 1]).toEqual([line, 1]);
  await deployed.server.end("SIGKILL");
  expect(processesOf(deployed.id).length).toBeGreaterThan(0);

  const removed = await killUntilAtRest(start, startRemoval(deployed.id), instant);
  expect(removed.deployment.state).toBe("removed");
  expect(await findLeftovers(join(dataDir, name), deployed.id, deployed.deployment.url)).toEqual(noLeftovers);
  expect(await removed.server.end()).toBe(0);
  return deployed.kills + removed.kills;
}

test("killed at every step event, it finishes with every command run once", {
  timeout: 180_000,
}, async () => {
  const said = new Set<string>();
  const kills = await deployAndRemoveUnderKills("steps", async (server, id) => {
    const stop = new AbortController();
    const answer = await fetch(`${server.origin}/deployments/${id}/events`, { signal: stop.signal });
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      // Each once: a resumed step says again that it is running.
      const unseen = [...text.matchAll(/^event: (?:step|state)\ndata: (.+)$/gm)].find(
        ([, data = ""]) => !said.has(data),
      );
      if (!unseen) continue;
      said.add(unseen[1] ?? "");
      break;
    }
    stop.abort();
  });
  expect(kills).toBeGreaterThan(8);
});

for (const seed of [1, 2, 3])
  test(`killed at random instants, it finishes with every command run once (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    const random = seededRandom(seed);
    await deployAndRemoveUnderKills(`seed${seed}`, () => new Promise((resolve) => setTimeout(resolve, random() * 400)));
  });

test("on SIGTERM the server finishes the running step and resumes at the next start", {
  timeout: 60_000,
}, async () => {
  const port = await freePort();
  const start = () => serve({ port, dataDir: join(dataDir, "term"), env: { LOCAL_REPOS: root } });
  const file = join(diary, "term");
  let server = await start();
  const id = await startDeployment(server, file);
  expect(await server.end("SIGTERM")).toBe(0);
  server = await start();
  await (await fetch(`${server.origin}/deployments/${id}/events`)).text();
  const deployment = await fetchDeployment(server, id);
  expect(deployment.state).toBe("succeeded");
  expect(readFileSync(file, "utf8").trim().split("\n").sort()).toEqual(["build", "release", "web", "worker"]);
  await startRemoval(id)(server);
  await (await fetch(`${server.origin}/deployments/${id}/events`)).text();
  expect(await findLeftovers(join(dataDir, "term"), id, deployment.url)).toEqual(noLeftovers);
  await server.end();
});
