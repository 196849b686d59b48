import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { DeploymentEvent } from "../../../src/clouds/cloud.ts";
import { needs } from "../../harness/peers.ts";
import { record } from "../consumer.ts";
import { here, shellsOf } from "./local-cloud.ts";
import { counted, tracingApp, tracingFiles } from "./tracing-app.ts";

const { dataDir, deploy, nothingLeft } = here();
const child = new URL("./child.ts", import.meta.url).pathname;

/** The same numbers in every run of the test: xorshift. */
function chance(seed: number) {
  let state = seed * 2654435761;
  return (most: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % most;
  };
}

/** Starts a child that carries the deployment on; kills it after so many milliseconds, if it lives that long. */
async function live(verb: string, id: string, ledger: string, types: string, milliseconds: number | null) {
  const running = spawn(process.execPath, [child, verb, dataDir, id, ledger, types], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = once(running, "exit");
  if (milliseconds !== null) {
    // The start of Node itself is long and dull: the clock runs from when it gets to work.
    await Promise.race([end, once(running.stdout, "data")]);
    await Promise.race([end, sleep(milliseconds)]);
    running.kill("SIGKILL");
  }
  const [code] = await end;
  return code === 0;
}

async function story(seed: number, types: string) {
  const random = chance(seed);

  const folder = mkdtempSync(join(dataDir, "story"));
  const id = `kill${seed}${basename(folder)}`;
  const ledger = join(folder, "ledger.jsonl");
  const deaths: number[] = [];
  for (let kills = 0; kills < 6; kills++) {
    const milliseconds = random(600);
    deaths.push(milliseconds);
    if (await live("provision", id, ledger, types, milliseconds)) break;
  }
  if (!existsSync(ledger) || !readFileSync(ledger, "utf8").includes('"succeeded"'))
    expect(await live("provision", id, ledger, types, null)).toBe(true);

  const resources = types.split(",").filter((type) => type === "postgres" || type === "redis");
  const run = deploy(tracingApp(0.2, resources), tracingFiles, { id });
  for (const line of readFileSync(ledger, "utf8").split("\n"))
    if (line.endsWith("}")) record(run, JSON.parse(line) as DeploymentEvent);
  const state = run.events.findLast((event) => event.type === "state");
  expect({ seed, deaths, state: state?.state }).toEqual({ seed, deaths, state: "succeeded" });
  const url = state?.state === "succeeded" ? (state.url ?? "") : "";
  expect(await (await fetch(url)).text()).toMatch(/^up/);
  const traces = join(dataDir, "local", id, "home", "traces");
  await expect.poll(() => counted(readFileSync(traces, "utf8"))).toHaveProperty("worker");
  const expected = { build: 1, release: 1, first: 1, web: 1, worker: 1 };
  expect({ seed, deaths, ...counted(readFileSync(traces, "utf8")) }).toEqual({ seed, deaths, ...expected });
  for (const step of ["web", "worker", "schedule", ...resources]) {
    const shells = await shellsOf(run, step);
    expect({ seed, step, shells: shells.length }).toEqual({ seed, step, shells: 1 });
  }

  await live("remove", id, ledger, types, random(400));
  expect(await live("remove", id, ledger, types, null)).toBe(true);
  await nothingLeft(run);
  expect(existsSync(join(dataDir, "local", id))).toBe(false);
}

needs("redis")(
  "a server that is killed at random instants leaves one of everything, and its removal nothing",
  async () => {
    for (const seed of [1, 2, 3, 4]) await story(seed, "redis");
  },
  180_000,
);

needs("postgres")(
  "a PostgreSQL whose set-up is killed at random instants is there once and whole",
  async () => {
    for (const seed of [11, 12, 13]) await story(seed, "postgres");
  },
  180_000,
);
