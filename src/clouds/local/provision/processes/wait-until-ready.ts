import { setTimeout as sleep } from "node:timers/promises";
import { commandFailure } from "../failures/command-failure.ts";
import { exitCode, lastCrash, statusOf } from "./detached-process.ts";

const maxPolls = 600;
const pollIntervalMs = 100;

/** Waits until a server accepts clients, for one minute at most. */
export async function waitUntilReady(
  name: string,
  { files, hide, signal }: { files: string; hide: (text: string) => string; signal: AbortSignal },
  isReady: () => Promise<boolean>,
): Promise<void> {
  for (let polls = 0; polls < maxPolls; polls++) {
    signal.throwIfAborted();
    // Checked before isReady, whose evidence may be left over from an earlier start.
    const { status } = await statusOf(files);
    if (status !== "running" || (await lastCrash(files))) break;
    if (await isReady()) return;
    await sleep(pollIntervalMs, undefined, { signal });
  }
  const code = ((await exitCode(files)) ?? (await lastCrash(files)))?.code ?? null;
  throw await commandFailure({ sentence: `${name} did not start`, code, log: `${files}.log`, hide });
}
