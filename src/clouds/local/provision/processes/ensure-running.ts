import { type LedgerData, OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Limits } from "../../dependencies.ts";
import { portOf } from "../environment.ts";
import { type Command, killOrphans, start, statusOf } from "./detached-process.ts";
import { freePort, isFree } from "./ports.ts";

/** Returns the path prefix of a daemon's files, a new one for each start. */
export const processFiles = (base: string, data: LedgerData) => `${base}.${data.attempt}.${data.start ?? 0}`;

interface Daemon {
  marker: string;
  base: string;
  limits: Limits;
  listens: boolean;
  /** The port that the source step reserved; 0 if none. */
  reservedPort?: number;
  /** Whether other processes know the reserved port. */
  isPortExposed?: boolean;
}

/**
 * Starts a daemon, to be restarted after crashes, unless the one in the ledger still runs. Its port and start count are stored before it starts. A port
 * that another program has taken is replaced, unless it is exposed.
 */
export async function* ensureRunning(
  stepContext: StepContext,
  { marker, base, limits, listens, reservedPort = 0, isPortExposed = false }: Daemon,
  command: (port: number) => Omit<Command, "files" | "marker">,
): AsyncGenerator<StepUpdate, void> {
  const { data } = stepContext;
  const previous = data.start === undefined ? null : await statusOf(processFiles(base, data));
  if (previous?.status === "running") return;
  // Before the port is checked, which orphans may hold.
  if (previous?.status === "absent") await killOrphans({ marker, files: processFiles(base, data) });
  const knownPort = portOf(data) || reservedPort;
  const needsPort = listens && !(knownPort && (await isFree(knownPort)));
  if (needsPort && knownPort && isPortExposed)
    throw new OperationalError(
      `Another program has taken port ${knownPort}, which the app was told is its own.`,
      "Try again when that program has ended, or remove this deployment and start a new one.",
    );
  const port = needsPort ? await freePort() : knownPort;
  // A start that was stored but is absent never happened, or was lost in a reboot: its number is used again.
  const startCount = Number(data.start ?? 0) + (previous?.status === "absent" ? 0 : 1);
  yield { data: { start: startCount, port } };
  const files = processFiles(base, stepContext.data);
  const process = command(port);
  stepContext.signal.throwIfAborted();
  await start({ ...process, marker, files, restart: true }, limits);
}
