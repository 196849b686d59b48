import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../../cloud.ts";
import { statusOf } from "./detached-process.ts";
import { lastLines } from "./log-reader.ts";

const tries = 600;
const pause = 100;

/** Waits until a server that was started can be used, for a minute at most. */
export async function untilReady(
  name: string,
  { files, hide, signal }: { files: string; hide: (text: string) => string; signal: AbortSignal },
  isReady: () => Promise<boolean>,
): Promise<void> {
  for (let count = 0; count < tries; count++) {
    signal.throwIfAborted();
    // Asked first whether it lives: what says that it is ready may be left from before.
    const { is } = await statusOf(files);
    if (is !== "running") break;
    if (await isReady()) return;
    await sleep(pause, undefined, { signal });
  }
  const last = await lastLines(`${files}.log`, hide);
  throw new OperationalError(
    [`${name} did not start.`, ...last].join("\n"),
    "Mend what the lines above say, then try again.",
  );
}
