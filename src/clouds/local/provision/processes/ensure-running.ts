import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Limits } from "../../dependencies.ts";
import { portOf } from "../environment.ts";
import { type Command, killOrphans, start, statusOf } from "./detached-process.ts";
import { freePort, isFree } from "./ports.ts";

/** Where the files of a process that stays are: others for each time it is started. */
export const processFiles = (base: string, data: LedgerData) => `${base}.${data.attempt}.${data.start ?? 0}`;

interface Stay {
  marker: string;
  base: string;
  limits: Limits;
  listens: boolean;
  /** The port it was given before it is started. */
  port?: number;
  /** Whether others have been told that port. */
  told?: boolean;
}

/**
 * Starts a process that stays, unless the one in the ledger still runs. Its port, if it listens, and its number are
 * written down before; a port that somebody else took meanwhile is replaced, unless it was told already.
 */
export async function* ensureRunning(
  hand: StepContext,
  { marker, base, limits, listens, port: wish = 0, told = false }: Stay,
  command: (port: number) => Omit<Command, "files" | "marker">,
): AsyncGenerator<StepUpdate, void> {
  const begun = hand.data.start !== undefined;
  const status = begun ? await statusOf(processFiles(base, hand.data)) : null;
  if (status?.is === "running") return;
  // Before the port is looked at, which they may hold.
  if (status?.is === "absent") await killOrphans({ marker, files: processFiles(base, hand.data) });
  const known = portOf(hand.data) || wish;
  const replaced = listens && !(known && (await isFree(known)));
  if (replaced && known && told)
    throw new OperationalError(
      `Another program has taken port ${known}, which the app was told is its own.`,
      "Try again when that program has ended, or remove this deployment and start a new one.",
    );
  const port = replaced ? await freePort() : known;
  // One that was announced and is absent was never started, or was lost with the machine.
  const count = Number(hand.data.start ?? 0) + (status?.is === "absent" ? 0 : 1);
  yield { data: { start: count, port } };
  const files = processFiles(base, hand.data);
  const ready = command(port);
  hand.signal.throwIfAborted();
  await start({ ...ready, marker, files }, limits);
}
