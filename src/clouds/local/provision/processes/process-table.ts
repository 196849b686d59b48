import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { OperationalError } from "../../../cloud.ts";

/** A process of this machine, with what the current user may read of it. */
export interface Process {
  pid: number;
  parent: number;
  /** Its session; its process group on systems that do not show sessions. */
  session: number;
  args: string[];
  /** Its `SLIPWAY_PROCESS`; empty if unreadable, as some programs overwrite it with their title. */
  marker: string;
  /** Whether it belongs to a terminal, as a shell that someone works in; false if unknown. */
  hasTerminal: boolean;
}

export const markerVariable = "SLIPWAY_PROCESS";

const isLinux = process.platform === "linux";

/** Returns all running processes, without zombies. */
export async function processes(): Promise<Process[]> {
  if (!isLinux) return listWithPs();
  const running: Process[] = [];
  for (const [index, name] of readdirSync("/proc").entries()) {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : null;
    if (entry) running.push(entry);
    // procfs is in memory: reading it synchronously is ten times faster, with pauses for other requests.
    if (index % 64 === 63) await setImmediate();
  }
  return running;
}

function readProcess(pid: number): Process | null {
  const stat = read(pid, "stat");
  // The name in parentheses may itself contain spaces and parentheses.
  const [state, parent, , session, terminal] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!state || "ZX".includes(state)) return null;
  const variable = read(pid, "environ")
    .split("\0")
    .find((entry) => entry.startsWith(`${markerVariable}=`));
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    args: read(pid, "cmdline").split("\0"),
    marker: variable?.slice(markerVariable.length + 1) ?? "",
    hasTerminal: Number(terminal) > 0,
  };
}

/**
 * Returns a test for daemons that work in a folder or run a program of it. One that left its session and emptied its
 * environment has no other trace of its deployment. Linux only; shells in a terminal are left alone.
 */
export const isDaemonIn =
  (...folders: string[]) =>
  ({ pid, hasTerminal }: Process): boolean =>
    isLinux &&
    !hasTerminal &&
    ["cwd", "exe"].some((link) => {
      const target = readLink(`/proc/${pid}/${link}`);
      return folders.some((folder) => target === folder || target.startsWith(`${folder}/`));
    });

function readLink(path: string): string {
  try {
    // A folder that has been deleted is marked as such.
    return readlinkSync(path).replace(/ \(deleted\)$/, "");
  } catch {
    // It has ended, or belongs to another user.
    return "";
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended, or belongs to another user.
    return "";
  }
}

/** Returns a process by its id; null if it does not run. */
export const processAt = async (pid: number): Promise<Process | null> =>
  isLinux ? readProcess(pid) : ((await listWithPs()).find((entry) => entry.pid === pid) ?? null);

/** For systems without `/proc`: macOS appends the environment of the user's own processes to the command. */
async function listWithPs(): Promise<Process[]> {
  const columns = ["-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat=", "-o", "command="];
  const { stdout } = await promisify(execFile)("ps", ["-axwwE", ...columns], { maxBuffer: 64e6 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, session, state, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!pid || !command || state?.startsWith("Z")) return [];
    const marker = new RegExp(`\\s${markerVariable}=(\\S+)`).exec(command)?.[1] ?? "";
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        session: Number(session),
        args: command.split(" "),
        marker,
        hasTerminal: false,
      },
    ];
  });
}

/** Returns the matching processes, their descendants, and everything in their sessions, except this process. */
export function processTree(
  all: Process[],
  matches: (candidate: Process) => boolean,
  sessions = new Set<number>(),
): Process[] {
  const ownSession = all.find(({ pid }) => pid === process.pid)?.session;
  const tree = new Map<number, Process>();
  const add = (member: Process) => {
    tree.set(member.pid, member);
    if (member.session !== ownSession) sessions.add(member.session);
  };
  for (const candidate of all) if (matches(candidate)) add(candidate);
  for (let previousSize = -1; previousSize < tree.size; ) {
    previousSize = tree.size;
    for (const candidate of all) if (tree.has(candidate.parent) || sessions.has(candidate.session)) add(candidate);
  }
  tree.delete(process.pid);
  return [...tree.values()];
}

/** Stops process trees: SIGTERM, then SIGKILL after `graceMs`, until none is left. */
export async function stop(matches: (candidate: Process) => boolean, graceMs = 5000): Promise<void> {
  const sessions = new Set<number>();
  const signalled = new Set<number>();
  const pollIntervalMs = 25;
  for (let waitedMs = 0; waitedMs <= graceMs + 10_000; waitedMs += pollIntervalMs) {
    const remaining = processTree(await processes(), matches, sessions);
    if (remaining.length === 0) return;
    for (const { pid } of remaining) {
      if (waitedMs >= graceMs) signal(pid, "SIGKILL");
      else if (!signalled.has(pid)) signal(pid, "SIGTERM");
      signalled.add(pid);
    }
    await sleep(pollIntervalMs);
  }
  const pids = processTree(await processes(), matches, sessions).map(({ pid }) => pid);
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
    // It has just ended.
  }
}
