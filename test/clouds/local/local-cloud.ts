import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import type { App } from "../../../src/app.ts";
import type { Cloud, Run } from "../../../src/clouds/cloud.ts";
import type { Options } from "../../../src/clouds/local/dependencies.ts";
import { local } from "../../../src/clouds/local/index.ts";
import { belongsTo } from "../../../src/clouds/local/provision/processes/detached-process.ts";
import { isFree } from "../../../src/clouds/local/provision/processes/ports.ts";
import { type Process, processes, processTree } from "../../../src/clouds/local/provision/processes/process-table.ts";
import { aDeployment, consume, type Deployment, type Files } from "../consumer.ts";

export const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

const created: { cloud: Cloud; dataDir: string; deployed: Deployment[] }[] = [];

afterAll(async () => {
  for (const { cloud, dataDir, deployed } of created) {
    for (const deployment of deployed) await consume(deployment, cloud.remove(deployment));
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Creates this machine's cloud in a temporary folder. What a test deploys is removed at the end of its file. */
export function createLocalCloud(overrides: Partial<Options> = {}) {
  const dataDir = overrides.dataDir ?? mkdtempSync(join(tmpdir(), "slipway-test-"));
  const cloud = local({ path: process.env.PATH ?? "", environment: process.env, ...overrides, dataDir });
  const deployed: Deployment[] = [];
  created.push({ cloud, dataDir, deployed });
  return {
    cloud,
    dataDir,
    deploy(app: App, files: Files, run: Partial<Omit<Run, "ledger">> = {}): Deployment {
      const deployment = aDeployment(cloud, app, files, run);
      deployed.push(deployment);
      return deployment;
    },
    folderOf: ({ id }: Deployment) => join(dataDir, "local", id),
    async expectNothingLeft(deployment: Deployment) {
      const ports = [...deployment.ledger.values()].flatMap(({ data }) => Number(data.port) || []);
      const dataFolders = [...deployment.ledger.values()].flatMap(({ data }) =>
        data.place ? [String(data.place)] : [],
      );
      expect(await processesOf(deployment)).toEqual([]);
      expect((await Promise.all(ports.map(isFree))).every(Boolean)).toBe(true);
      expect([join(dataDir, "local", deployment.id), ...dataFolders].filter((folder) => existsSync(folder))).toEqual(
        [],
      );
    },
  };
}

/** Returns the processes of a deployment or of one step, with their descendants. */
export async function processesOf({ id }: Pick<Deployment, "id">, step?: string): Promise<Process[]> {
  return processTree(await processes(), belongsTo(step ? `${id}/${step}` : id));
}

/** Returns the wrapper shells of a step's command, one per running instance. */
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
  if (state?.state !== "failed") throw new Error(`Expected a failure, not ${JSON.stringify(state)}`);
  return state.error;
}

export async function remove(cloud: Cloud, deployment: Deployment) {
  expect(await consume(deployment, cloud.remove(deployment))).toEqual({ type: "state", state: "removed" });
}
