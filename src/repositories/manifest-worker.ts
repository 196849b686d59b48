import { parentPort } from "node:worker_threads";
import { checkManifest } from "../manifest/check-manifest.ts";
import { filesToRead, readManifest } from "../manifest/index.ts";

// Runs in a worker thread: a stranger's manifest that takes too long ends this thread and not the process.

const tasks = { filesToRead, readManifest, checkManifest };
export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export interface TaskRequest {
  name: TaskName;
  args: unknown[];
}
export type TaskResponse = { value: unknown } | { error: string };

const port = parentPort;
if (!port) throw new Error("manifest-worker.ts runs in a worker thread only");
port.on("message", ({ name, args }: TaskRequest) => {
  port.postMessage(run(name, args) satisfies TaskResponse);
});
port.postMessage("ready");

function run(name: TaskName, args: unknown[]): TaskResponse {
  try {
    return { value: (tasks[name] as (...args: unknown[]) => unknown)(...args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
