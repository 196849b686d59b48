import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { App } from "../../../src/app.ts";
import type { Cloud, Run } from "../../../src/clouds/cloud.ts";
import type { Options } from "../../../src/clouds/local/dependencies.ts";
import { local } from "../../../src/clouds/local/index.ts";
import { belongsTo } from "../../../src/clouds/local/provision/processes/detached-process.ts";
import { isFree } from "../../../src/clouds/local/provision/processes/ports.ts";
import { type Process, processes, processTree } from "../../../src/clouds/local/provision/processes/process-table.ts";
import { aDeployment, consume, type Deployment, type Files } from "../consumer.ts";

export const examples = new URL("../../../examples/", import.meta.url).pathname;

const used: { cloud: Cloud; dataDir: string; deployed: Deployment[] }[] = [];

afterAll(async () => {
  for (const { cloud, dataDir, deployed } of used) {
    for (const deployment of deployed) await consume(deployment, cloud.remove(deployment));
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** This machine as a cloud, in a folder of its own; whatever a test leaves is taken away when its file is done. */
export function here(more: Partial<Options> = {}) {
  const dataDir = more.dataDir ?? mkdtempSync(join(tmpdir(), "slipway-test-"));
  const cloud = local({ path: process.env.PATH ?? "", environment: process.env, ...more, dataDir });
  const deployed: Deployment[] = [];
  used.push({ cloud, dataDir, deployed });
  return {
    cloud,
    dataDir,
    deploy(app: App, files: Files, run: Partial<Omit<Run, "ledger">> = {}): Deployment {
      const deployment = aDeployment(cloud, app, files, run);
      deployed.push(deployment);
      return deployment;
    },
    folderOf: ({ id }: Deployment) => join(dataDir, "local", id),
    async nothingLeft(deployment: Deployment) {
      const ports = [...deployment.ledger.values()].flatMap(({ data }) => Number(data.port) || []);
      const places = [...deployment.ledger.values()].flatMap(({ data }) => (data.place ? [String(data.place)] : []));
      expect(await processesOf(deployment)).toEqual([]);
      expect((await Promise.all(ports.map(isFree))).every(Boolean)).toBe(true);
      expect([join(dataDir, "local", deployment.id), ...places].filter((folder) => existsSync(folder))).toEqual([]);
    },
  };
}

/** Everything that runs for a deployment or one of its steps, with what it started. */
export async function processesOf({ id }: Pick<Deployment, "id">, step?: string): Promise<Process[]> {
  return processTree(await processes(), belongsTo(step ? `${id}/${step}` : id));
}

/** The shells around a step's command: one for each time it runs now. */
export const shellsOf = async (deployment: Pick<Deployment, "id">, step: string) =>
  (await processesOf(deployment, step)).filter(
    ({ pid, session, args }) => pid === session && args[0] === "/bin/sh" && args[3] === "slipway",
  );

export async function succeed(cloud: Cloud, deployment: Deployment): Promise<string> {
  const state = await consume(deployment, cloud.provision(deployment));
  expect(state).toEqual({ type: "state", state: "succeeded", url: expect.toBeOneOf([expect.any(String), null]) });
  return state?.state === "succeeded" ? (state.url ?? "") : "";
}

export async function fail(cloud: Cloud, deployment: Deployment) {
  const state = await consume(deployment, cloud.provision(deployment));
  if (state?.state !== "failed") throw new Error(`It did not fail but ended in ${JSON.stringify(state)}`);
  return state.error;
}

export async function remove(cloud: Cloud, deployment: Deployment) {
  expect(await consume(deployment, cloud.remove(deployment))).toEqual({ type: "state", state: "removed" });
}
