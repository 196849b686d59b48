import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { local } from "../src/clouds/local/index.ts";
import { anApp } from "./apps.ts";
import { aDeployment, consume } from "./consumer.ts";

const dataDir = mkdtempSync(join(tmpdir(), "slipway-test-"));
const cloud = local({ dataDir, path: process.env.PATH ?? "", environment: process.env });
const examples = new URL("../examples/", import.meta.url).pathname;

describe("hello", () => {
  test("runs and answers", async () => {
    const deployment = aDeployment(cloud, anApp(), join(examples, "hello"), {
      env: { NAME_OF_HOST: "<Ada>", SESSION_SECRET: "s".repeat(20) },
    });
    const state = await consume(deployment, cloud.provision(deployment));
    expect(state).toMatchObject({ state: "succeeded" });
    const text = await (await fetch((state as { url: string }).url)).text();
    expect(text).toContain("&lt;Ada&gt;");
    expect(await consume(deployment, cloud.remove(deployment))).toEqual({ type: "state", state: "removed" });
  });
});
