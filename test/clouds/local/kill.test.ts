import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { DeploymentEvent } from "../../../src/clouds/cloud.ts";
import { needs } from "../../harness/peers.ts";
import { record } from "../consumer.ts";
import { createLocalCloud, shellsOf } from "./local-cloud.ts";
import { countTraces, tracingApp, tracingFiles } from "./tracing-app.ts";

const { dataDir, deploy, expectNothingLeft } = createLocalCloud();
const child = fileURLToPath(new URL("./child.ts", import.meta.url));

/** Returns a deterministic random number generator (xorshift). */
function seededRandom(seed: number) {
  let state = seed * 2654435761;
  return (bound: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Runs a child that resumes the deployment; kills it after some milliseconds, or never if null. Returns whether it finished. */
async function runChild(verb: string, id: string, ledger: string, types: string, milliseconds: number | null) {
  const running = spawn(process.execPath, [child, verb, dataDir, id, ledger, types], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(running, "exit");
  if (milliseconds !== null) {
    // Counted from when the deployment starts, because starting Node takes most of the time.
    await Promise.race([exit, once(running.stdout, "data")]);
    await Promise.race([exit, sleep(milliseconds)]);
    running.kill("SIGKILL");
  }
  const [code] = await exit;
  return code === 0;
}

async function killRepeatedly(seed: number, types: string) {
  const random = seededRandom(seed);

  const folder = mkdtempSync(join(dataDir, "kill"));
  const id = `kill${seed}${basename(folder)}`;
  const ledger = join(folder, "ledger.jsonl");
  const killedAfter: number[] = [];
  for (let kills = 0; kills < 6; kills++) {
    const milliseconds = random(600);
    killedAfter.push(milliseconds);
    if (await runChild("provision", id, ledger, types, milliseconds)) break;
  }
  if (!existsSync(ledger) || !readFileSync(ledger, "utf8").includes('"succeeded"'))
    expect(await runChild("provision", id, ledger, types, null)).toBe(true);

  const resources = types.split(",").filter((type) => type === "postgres" || type === "redis");
  const run = deploy(tracingApp(0.2, resources), tracingFiles, { id });
  for (const line of readFileSync(ledger, "utf8").split("\n"))
    if (line.endsWith("}")) record(run, JSON.parse(line) as DeploymentEvent);
  const state = run.events.findLast((event) => event.type === "state");
  expect({ seed, killedAfter, state: state?.state }).toEqual({ seed, killedAfter, state: "succeeded" });
  const url = state?.state === "succeeded" ? (state.url ?? "") : "";
  expect(await (await fetch(url)).text()).toMatch(/^up/);
  const traces = join(dataDir, "local", id, "home", "traces");
  await expect.poll(() => countTraces(readFileSync(traces, "utf8"))).toHaveProperty("worker");
  const expected = { build: 1, release: 1, first: 1, web: 1, worker: 1 };
  expect({ seed, killedAfter, ...countTraces(readFileSync(traces, "utf8")) }).toEqual({
    seed,
    killedAfter,
    ...expected,
  });
  for (const step of ["web", "worker", "schedule", ...resources]) {
    const shells = await shellsOf(run, step);
    expect({ seed, step, shells: shells.length }).toEqual({ seed, step, shells: 1 });
  }

  await runChild("remove", id, ledger, types, random(400));
  expect(await runChild("remove", id, ledger, types, null)).toBe(true);
  await expectNothingLeft(run);
  expect(existsSync(join(dataDir, "local", id))).toBe(false);
}

needs("redis")(
  "a server killed at random moments leaves one of everything, and removal leaves nothing",
  async () => {
    for (const seed of [1, 2, 3, 4]) await killRepeatedly(seed, "redis");
  },
  180_000,
);

needs("postgres")(
  "a PostgreSQL whose setup is killed at random moments exists once and complete",
  async () => {
    for (const seed of [11, 12, 13]) await killRepeatedly(seed, "postgres");
  },
  180_000,
);
