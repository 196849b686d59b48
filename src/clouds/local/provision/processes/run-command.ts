import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Dependencies } from "../../dependencies.ts";
import { commandFailure } from "../failures/command-failure.ts";
import { belongsTo, type Command, exitCode, isAlive, start, statusOf } from "./detached-process.ts";
import { folderSize } from "./folder-size.ts";
import { readFromOffset } from "./log-reader.ts";
import { stop } from "./process-table.ts";

const pollIntervalMs = 100;
const diskIntervalMs = 3000;

interface Task {
  /** The subject of a sentence such as "The build took longer than 15 minutes". */
  subject: string;
  seconds: number;
  /** The folder whose size is limited meanwhile; null for none. */
  folder: string | null;
  hide: (text: string) => string;
}

/**
 * Runs a command to completion, once: a command that an earlier server started is followed, and one that has ended
 * meanwhile counts with its exit code. `began`, `offset` and `inside` in the step's data store the progress.
 */
export async function* runToCompletion(
  machine: Dependencies,
  stepContext: StepContext,
  command: Command,
  task: Task,
): AsyncGenerator<StepUpdate, void> {
  const { limits, now } = machine;
  const { files } = command;
  const log = `${files}.log`;
  let status = await statusOf(files);
  if (status.status === "absent") status = { status: "running", pid: await start(command, limits) };
  const { pid } = status.status === "running" ? status : { pid: 0 };
  let lastMeasured = 0;
  let exited = status.status === "exited" ? status : null;
  for (;;) {
    const alive = !exited && isAlive(pid);
    exited ??= await exitCode(files);
    const { size } = await stat(log).catch(() => ({ size: 0 }));
    const { offset = 0, inside } = stepContext.data;
    // A log shorter than the stored offset was rotated while no server was reading it.
    const position =
      size < Number(offset) ? { offset: 0, inside: false } : { offset: Number(offset), inside: inside === true };
    const part = await readFromOffset(log, position, { ended: !alive || exited !== null, hide: task.hide });
    if (part) yield { lines: part.lines, data: { offset: part.offset, inside: part.inside } };

    const exceeded = await exceededLimit(size);
    if (exceeded) {
      await stop(belongsTo(command.marker, files), limits.graceSeconds * 1000);
      throw new OperationalError(
        `${exceeded} It was stopped.`,
        "Make it need less, or deploy to a cloud with more room.",
      );
    }
    if (!part && (exited || !alive)) break;
    if (!part) await sleep(pollIntervalMs, undefined, { signal: stepContext.signal });
    stepContext.signal.throwIfAborted();
  }
  const code = exited?.code ?? null;
  if (code === 0) return;
  const outcome = code === null ? "was ended from outside" : `ended with code ${code}`;
  throw await commandFailure({ sentence: `${task.subject} ${outcome}`, code, log, hide: task.hide });

  async function exceededLimit(logSize: number): Promise<string | null> {
    const { outputBytes, diskBytes } = limits;
    if (logSize > outputBytes) return `${task.subject} wrote more than ${formatMegabytes(outputBytes)} of output.`;
    if (!exited && now() - Number(stepContext.data.began) > task.seconds * 1000)
      return `${task.subject} took longer than ${formatDuration(task.seconds)}.`;
    if (task.folder === null || (!exited && now() - lastMeasured < diskIntervalMs)) return null;
    lastMeasured = now();
    if ((await folderSize(task.folder)) <= diskBytes) return null;
    return `${task.subject} filled more than ${formatMegabytes(diskBytes)} of disk.`;
  }
}

const formatMegabytes = (bytes: number) => `${bytes / 1e6} MB`;
const formatDuration = (seconds: number) =>
  seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
