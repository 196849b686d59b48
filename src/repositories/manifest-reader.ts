import { Worker } from "node:worker_threads";
import { OperationalError } from "../clouds/cloud.ts";
import type { TaskName, TaskResponse, Tasks } from "./manifest-worker.ts";

export interface ReaderLimits {
  /** How long one task may run. */
  taskMs: number;
  /** How long the thread may take to load the readers. */
  startMs: number;
  heapMb: number;
  /** Tasks that may wait for their turn. */
  queued: number;
}
const DEFAULTS: ReaderLimits = { taskMs: 1_000, startMs: 30_000, heapMb: 128, queued: 100 };

/** The task was ended because it took too long or too much memory. */
export class TaskEnded extends Error {
  override name = "TaskEnded";
}

export type ManifestReader = ReturnType<typeof createManifestReader>;

/**
 * Creates a runner for the manifest readers in one worker thread, which starts with the first task and stays. A task
 * over its limits throws TaskEnded and ends the thread; the next task starts another.
 */
export function createManifestReader(
  overrides: Partial<ReaderLimits> = {},
  script = new URL("./manifest-worker.ts", import.meta.url),
) {
  const limits = { ...DEFAULTS, ...overrides };
  let thread: Promise<Worker> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let queued = 0;

  function start(): Promise<Worker> {
    const worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMb, maxYoungGenerationSizeMb: 16 },
      // Manifests are strangers' text: the thread that reads them has no secrets in its environment.
      env: {},
      execArgv: [],
    });
    worker.unref();
    worker.once("exit", () => {
      thread = undefined;
    });
    return reply(worker, limits.startMs).then(() => worker);
  }

  /** Resolves to the thread's next message; ends the thread after `timeoutMs`. */
  function reply(worker: Worker, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // Holds the process, as the thread itself does not.
      const timer = setTimeout(() => fail(new TaskEnded(`it took longer than ${timeoutMs} ms`)), timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", fail).off("exit", onExit);
      };
      const onMessage = (message: unknown) => {
        settle();
        resolve(message);
      };
      const onExit = () => fail(new Error("the thread that reads manifests ended"));
      function fail(error: Error & { code?: string }) {
        settle();
        thread = undefined;
        worker.on("error", () => {});
        void worker.terminate();
        const isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
        reject(isOutOfMemory ? new TaskEnded(`it took more than ${limits.heapMb} MB of memory`) : error);
      }
      worker.on("message", onMessage).on("error", fail).on("exit", onExit);
    });
  }

  async function runNext<Name extends TaskName>(name: Name, args: Parameters<Tasks[Name]>) {
    thread ??= start();
    const worker = await thread.catch((error) => {
      thread = undefined;
      throw error;
    });
    const response = reply(worker, limits.taskMs);
    worker.postMessage({ name, args });
    const result = (await response) as TaskResponse;
    if ("error" in result) throw new Error(result.error);
    return result.value as ReturnType<Tasks[Name]>;
  }

  return {
    /** Runs one task after those before it. Throws an OperationalError if too many wait already. */
    async run<Name extends TaskName>(name: Name, ...args: Parameters<Tasks[Name]>): Promise<ReturnType<Tasks[Name]>> {
      if (queued >= limits.queued)
        throw new OperationalError("Too many repositories are being read at once.", "Try again in a minute.");
      queued++;
      const result = last.then(() => runNext(name, args));
      last = result.catch(() => {}).finally(() => queued--);
      return result;
    },
    async close(): Promise<void> {
      const worker = await thread?.catch(() => undefined);
      await worker?.terminate();
    },
  };
}
