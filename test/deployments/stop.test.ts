import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Started } from "../../routes/openapi/schemas.ts";
import { openDb } from "../../src/data/db.ts";
import { stepsOf } from "../../src/data/store/steps.ts";
import { Deployment } from "../../src/plan.ts";
import { isOpen } from "../clouds/local/leftover-processes.ts";
import { createDataDir, freePort } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

const apps = appsFolder({
  slow: { Procfile: "release: sleep 2\nweb: node server.js", "package.json": "{}", "server.js": "" },
});

/** `npm start` in a group of its own, as in a terminal, once it answers. */
async function startWithNpm() {
  const { dataDir, dispose } = createDataDir();
  const origin = `http://127.0.0.1:${await freePort()}`;
  const npm = spawn("npm", ["start"], {
    cwd: join(import.meta.dirname, "../.."),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: new URL(origin).port,
      DATA_DIR: dataDir,
      LOCAL_REPOS: apps,
    },
    stdio: "ignore",
    detached: true,
  });
  await expect.poll(() => isOpen(origin), { timeout: 30_000 }).toBe(true);
  return { npm, origin, dataDir, dispose, exited: once(npm, "exit") };
}

test("terminating npm terminates the server", async () => {
  const { npm, origin, dispose, exited } = await startWithNpm();
  npm.kill("SIGTERM");
  await exited;
  await expect.poll(() => isOpen(origin), { timeout: 5000 }).toBe(false);
  dispose();
}, 60_000);

test("one Ctrl-C, forwarded by both the terminal and npm, counts once: the running step is finished", async () => {
  const { npm, origin, dataDir, dispose, exited } = await startWithNpm();
  const response = await fetch(`${origin}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ repo: "local/apps/slow", cloud: "local" }),
  });
  const { id } = Started.parse(await response.json());
  const stateOf = async (name: string) => {
    const answer = await fetch(`${origin}/deployments/${id}`, { headers: { accept: "application/json" } });
    return Deployment.parse(await answer.json()).steps.find((step) => step.name === name)?.state;
  };
  await expect.poll(() => stateOf("release"), { timeout: 30_000, interval: 50 }).toBe("running");
  process.kill(-(npm.pid ?? 0), "SIGINT");
  await exited;
  expect(await isOpen(origin)).toBe(false);
  const db = openDb(join(dataDir, "slipway.db"));
  expect(stepsOf(db, id).map(({ name, state }) => `${name} ${state}`)).toContain("release done");
  db.$client.close();
  dispose();
}, 90_000);
