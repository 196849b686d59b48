import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Dependencies } from "../../dependencies.ts";
import { belongsTo, type Command, exitCode, isAlive, start, statusOf } from "./detached-process.ts";
import { lastLines, readFromOffset } from "./log-reader.ts";
import { stop } from "./process-table.ts";

const pause = 100;
const diskPause = 3000;

interface Task {
  /** As in "The build took longer than 15 minutes". */
  what: string;
  seconds: number;
  /** The folder whose size is limited meanwhile. */
  folder: string | null;
  hide: (text: string) => string;
}

/**
 * Runs a command to its end, once: one that an earlier process of ours started is gone on with, one that has ended
 * meanwhile is taken as it ended. `began`, `offset` and `inside` in the step's data say where we are.
 */
export async function* runToCompletion(
  machine: Dependencies,
  hand: StepContext,
  command: Command,
  task: Task,
): AsyncGenerator<StepUpdate, void> {
  const { limits, now } = machine;
  const { files } = command;
  const log = `${files}.log`;
  let status = await statusOf(files);
  if (status.is === "absent") status = { is: "running", pid: await start(command, limits) };
  const { pid } = status.is === "running" ? status : { pid: 0 };
  let measured = 0;
  let ended = status.is === "ended" ? status : null;
  for (;;) {
    const alive = !ended && isAlive(pid);
    ended ??= await exitCode(files);
    const { size } = await stat(log).catch(() => ({ size: 0 }));
    const { offset = 0, inside } = hand.data;
    // Nobody was here for long, and the log was begun anew meanwhile.
    const at =
      size < Number(offset) ? { offset: 0, inside: false } : { offset: Number(offset), inside: inside === true };
    const part = await readFromOffset(log, at, { ended: !alive || ended !== null, hide: task.hide });
    if (part) yield { lines: part.lines, data: { offset: part.offset, inside: part.inside } };

    const over = await overLimit(size);
    if (over) {
      await stop(belongsTo(command.marker, files), limits.graceSeconds * 1000);
      throw new OperationalError(`${over} It was stopped.`, "Make it need less, or deploy to a cloud with more room.");
    }
    if (!part && (ended || !alive)) break;
    if (!part) await sleep(pause, undefined, { signal: hand.signal });
    hand.signal.throwIfAborted();
  }
  const code = ended?.code ?? null;
  if (code === 0) return;
  const last = await lastLines(log, task.hide);
  const how = code === null ? "was ended from outside" : `ended with code ${code}`;
  throw new OperationalError(
    [`${task.what} ${how}.`, ...last].join("\n"),
    "Mend what the lines above say, then try again.",
  );

  async function overLimit(size: number): Promise<string | null> {
    if (size > limits.outputBytes) return `${task.what} wrote more than ${inMegabytes(limits.outputBytes)} of output.`;
    if (!ended && now() - Number(hand.data.began) > task.seconds * 1000)
      return `${task.what} took longer than ${inWords(task.seconds)}.`;
    if (task.folder === null || (!ended && now() - measured < diskPause)) return null;
    measured = now();
    if ((await sizeOf(task.folder)) <= limits.diskBytes) return null;
    return `${task.what} filled more than ${inMegabytes(limits.diskBytes)} of disk.`;
  }
}

/** `du` counts in a process of its own, so that a folder of 100,000 files does not stop ours. */
async function sizeOf(folder: string): Promise<number> {
  const options = { maxBuffer: 1e6, env: { PATH: "/usr/bin:/bin" } };
  // It complains with code 1 about files that vanish under it, and has counted all the same.
  const { stdout } = await promisify(execFile)("du", ["-sk", folder], options).catch(
    (error: { stdout?: string }) => error,
  );
  return Number.parseInt(stdout ?? "0", 10) * 1024 || 0;
}

const inMegabytes = (bytes: number) => `${bytes / 1e6} MB`;
const inWords = (seconds: number) => (seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`);
