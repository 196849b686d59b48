import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { OperationalError } from "../../../cloud.ts";

/** A process of this machine, as far as we may look. */
export interface Process {
  pid: number;
  parent: number;
  /** The session it belongs to (its group where the system does not tell). */
  session: number;
  args: string[];
  /** Its `SLIPWAY_PROCESS`, when that can still be read: some programs write their title over it. */
  marker: string;
}

export const markerVariable = "SLIPWAY_PROCESS";

const linux = process.platform === "linux";

/** Everything that runs now; zombies do not. */
export async function processes(): Promise<Process[]> {
  if (!linux) return listed();
  const found: Process[] = [];
  for (const [index, name] of readdirSync("/proc").entries()) {
    const one = /^\d+$/.test(name) ? look(Number(name)) : null;
    if (one) found.push(one);
    // These files are no disk's: reading them at once is ten times faster, with a breath for others in between.
    if (index % 64 === 63) await setImmediate();
  }
  return found;
}

function look(pid: number): Process | null {
  const stat = read(pid, "stat");
  // The name in parentheses may itself contain spaces and parentheses.
  const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!state || "ZX".includes(state)) return null;
  const mark = read(pid, "environ")
    .split("\0")
    .find((entry) => entry.startsWith(`${markerVariable}=`));
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    args: read(pid, "cmdline").split("\0"),
    marker: mark?.slice(markerVariable.length + 1) ?? "",
  };
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended, or is somebody else's.
    return "";
  }
}

/** One process, if it runs. */
export const processAt = async (pid: number): Promise<Process | null> =>
  linux ? look(pid) : ((await listed()).find((one) => one.pid === pid) ?? null);

/** Where there is no `/proc`: `ps` with the environment behind the command, as macOS shows it for one's own. */
async function listed(): Promise<Process[]> {
  const columns = ["-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat=", "-o", "command="];
  const { stdout } = await promisify(execFile)("ps", ["-axwwE", ...columns], { maxBuffer: 64e6 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, session, state, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!pid || !command || state?.startsWith("Z")) return [];
    const marker = new RegExp(`\\s${markerVariable}=(\\S+)`).exec(command)?.[1] ?? "";
    return [{ pid: Number(pid), parent: Number(parent), session: Number(session), args: command.split(" "), marker }];
  });
}

/** Those that belong, those they started, and those of the sessions they are in. */
export function processTree(
  all: Process[],
  belongs: (one: Process) => boolean,
  sessions = new Set<number>(),
): Process[] {
  const own = all.find(({ pid }) => pid === process.pid)?.session;
  const found = new Map<number, Process>();
  const add = (one: Process) => {
    found.set(one.pid, one);
    if (one.session !== own) sessions.add(one.session);
  };
  for (const one of all) if (belongs(one)) add(one);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const one of all) if (found.has(one.parent) || sessions.has(one.session)) add(one);
  }
  found.delete(process.pid);
  return [...found.values()];
}

/** Ends processes: asks, and after `grace` milliseconds insists, until nobody is left. */
export async function stop(belongs: (one: Process) => boolean, grace = 5000): Promise<void> {
  const sessions = new Set<number>();
  const asked = new Set<number>();
  const pause = 25;
  for (let waited = 0; waited <= grace + 10_000; waited += pause) {
    const left = processTree(await processes(), belongs, sessions);
    if (left.length === 0) return;
    for (const { pid } of left) {
      if (waited >= grace) signal(pid, "SIGKILL");
      else if (!asked.has(pid)) signal(pid, "SIGTERM");
      asked.add(pid);
    }
    await sleep(pause);
  }
  const pids = processTree(await processes(), belongs, sessions).map(({ pid }) => pid);
  if (pids.length > 0)
    throw new OperationalError(
      `Some processes do not end: ${pids.join(", ")}.`,
      "Look at them with ps, end them, try again.",
    );
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}
