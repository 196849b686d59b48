import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../../cloud.ts";
import { statusOf } from "./detached-process.ts";
import { lastLines } from "./log-reader.ts";

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
    if (status !== "running") break;
    if (await isReady()) return;
    await sleep(pollIntervalMs, undefined, { signal });
  }
  const tail = await lastLines(`${files}.log`, hide);
  throw new OperationalError(
    [`${name} did not start.`, ...tail].join("\n"),
    "Mend what the lines above say, then try again.",
  );
}
