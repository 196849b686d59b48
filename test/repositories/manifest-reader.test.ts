import { afterEach, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import type { Address, Snapshot } from "../../src/repo.ts";
import { checkManifestFiles, createInspector } from "../../src/repositories/inspect.ts";
import { createManifestReader, type ReaderLimits, TaskEnded } from "../../src/repositories/manifest-reader.ts";
import { createTestApp } from "../harness/test-app.ts";

const source: App["source"] = { host: "github.com", owner: "o", repo: "r", ref: "main", commit: "c", path: "" };
const readers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

function endless(limits: Partial<ReaderLimits> = {}) {
  const reader = createManifestReader({ taskMs: 200, ...limits }, new URL("./endless-worker.ts", import.meta.url));
  readers.push(reader);
  return { ...reader, ask: (what: string) => reader.run("filesToRead", what as never) as Promise<unknown> };
}

describe("a thread that reads a hostile manifest", () => {
  test("is ended when it loops, while timers of this thread go on, and the next task gets another", async () => {
    const reader = endless();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await expect(reader.ask("loop")).rejects.toThrow(TaskEnded);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    expect(await reader.ask("fine")).toBe("fine");
  });

  test("is ended when it fills its heap, and this process lives on", async () => {
    const reader = endless({ heapMb: 24, taskMs: 20_000 });
    await expect(reader.ask("allocate")).rejects.toThrow(/memory/);
    expect(await reader.ask("fine")).toBe("fine");
  });

  test("fails only the task it ran, also when it exits or throws", async () => {
    const reader = endless();
    const results = await Promise.allSettled(["throw", "a", "exit", "b", "loop", "c"].map(reader.ask));
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : `${result.reason.name}`))).toEqual([
      "Error",
      "a",
      "Error",
      "b",
      "TaskEnded",
      "c",
    ]);
  });

  test("has a bounded queue: more tasks than that are refused with a sentence", async () => {
    const reader = endless({ queued: 2 });
    const results = await Promise.allSettled(["a", "b", "c"].map(reader.ask));
    expect(results[2]).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(/at once/) } });
    expect(await reader.ask("d")).toBe("d");
  });

  test("reads manifests", async () => {
    const reader = createManifestReader();
    readers.push(reader);
    const text = new Map([["Procfile", "web: node server.js\n"]]);
    const reading = await reader.run("readManifest", { list: ["Procfile"], text }, source);
    expect(reading.app?.services).toMatchObject([{ name: "web", command: "node server.js" }]);
  });
});

const address: Address = { host: "github.com", owner: "o", repo: "r", path: "" };
const snapshotOf = (text: string, files = ["Procfile"]): Snapshot => ({
  address,
  ref: "main",
  commit: "c",
  description: "",
  files,
  read: async () => text,
});

test("a reading that was ended is a problem of the repository, and is remembered for the commit", async () => {
  const asked: string[] = [];
  const ended = {
    run: async (name: string) => {
      asked.push(name);
      if (name !== "filesToRead") throw new TaskEnded("it took longer than 1000 ms");
      return ["Procfile"];
    },
    close: async () => {},
  };
  const inspect = createInspector({ open: async () => ({ ok: true, snapshot: snapshotOf("web: x") }) }, ended as never);
  for (let n = 0; n < 3; n++)
    expect(await inspect(address)).toMatchObject({
      ok: true,
      reading: { app: null, problems: [{ message: expect.stringMatching(/more than a second/) }] },
    });
  expect(asked).toEqual(["filesToRead", "readManifest"]);
});

test("the maintainer's check of a manifest that ended its thread is that problem, and is remembered too", async () => {
  let runs = 0;
  const ended = {
    run: async (name: string) => {
      if (name === "filesToRead") return ["Procfile"];
      runs++;
      throw new TaskEnded("it took longer than 1000 ms");
    },
    close: async () => {},
  };
  const snapshot = snapshotOf("web: x");
  for (let n = 0; n < 3; n++)
    expect(await checkManifestFiles(snapshot, ended as never)).toMatchObject({
      reading: { app: null },
      files: [],
      suggestion: null,
    });
  expect(runs).toBe(1);
});

test("a Gemfile of newlines delays no other request by more than its limit", { timeout: 20_000 }, async () => {
  const { get } = createTestApp({
    repos: { slow: { Gemfile: "\n".repeat(299_000), Procfile: "web: x" }, quick: { Procfile: "web: node server.js" } },
  });
  const badge = get("/local/apps/slow/badge.svg");
  const up = await get("/up");
  expect(up.status).toBe(200);
  expect((await badge).status).toBe(200);
  expect((await get("/local/apps/quick/badge.svg")).status).toBe(200);
});
