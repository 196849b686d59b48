import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Refusal } from "../cloud.ts";
import { marking, type Process, processAt, processes, stop } from "./processes.ts";

export interface Command {
  /** `<deployment>/<step>`, in its environment and that of everything it starts. */
  marker: string;
  /** Where `.log`, `.pid` and `.exit` stand: absolute, and never used for another command. */
  files: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** Whom it runs as, where we may choose. */
  user?: { uid: number; gid: number } | null;
}

export type Status = { is: "absent" } | { is: "running"; pid: number } | Ended;
export interface Ended {
  is: "ended";
  code: number;
}

// The shell outlives the command by a moment to write down how it ended, whole or not at all. It catches SIGTERM
// instead of ignoring it, because what is ignored stays ignored in the command.
const wrapper = `trap : HUP INT TERM
files=$1; shift
umask 077
echo "$$" >"$files.pid.part" && mv "$files.pid.part" "$files.pid"
"$@"
code=$?
echo "$code" >"$files.exit.part" && mv "$files.exit.part" "$files.exit"`;
const name = "slipway";

/** The argv of a command written for a shell. */
export const shell = (command: string) => ["/bin/sh", "-c", command];

/** Whether it is the shell around a command whose files are these, or begin so. */
function wraps(one: Process, files: string, end: string): boolean {
  if (process.platform !== "linux") return one.args.join(" ").includes(` ${name} ${files}${end}`);
  return one.args[2] === wrapper && one.args[3] === name && `${one.args[4]} `.startsWith(files + end);
}

/** Whether a process belongs to a deployment or to one step of it, by its mark or by where its files are. */
export const belongsTo =
  (marker: string, ...files: string[]) =>
  (one: Process) =>
    one.marker === marker || one.marker.startsWith(`${marker}/`) || files.some((start) => wraps(one, start, ""));

/** How the command of these files stands, whoever started it, and whether we were there or not. */
export async function statusOf(files: string): Promise<Status> {
  const ended = await exitCode(files);
  if (ended) return ended;
  const pid = Number(await readFile(`${files}.pid`, "utf8").catch(() => 0));
  const noted = pid > 0 ? await processAt(pid) : null;
  // What the shell forks looks like the shell itself until it becomes a program, but leads no session.
  const isShell = (one: Process) => one.pid === one.session && wraps(one, files, " ");
  const running = noted && isShell(noted) ? noted : (await processes()).find(isShell);
  if (running) return { is: "running", pid: running.pid };
  // It may have ended between the two looks.
  return (await exitCode(files)) ?? { is: "absent" };
}

export async function exitCode(files: string): Promise<Ended | null> {
  const text = await readFile(`${files}.exit`, "utf8").catch(() => "");
  return /^\d+\n$/.test(text) ? { is: "ended", code: Number(text) } : null;
}

/** Ends what is left of a command whose shell was killed: nobody would learn how it ends. */
export async function endLeftovers({ marker, files }: Pick<Command, "marker" | "files">): Promise<void> {
  if (!existsSync(`${files}.pid`)) return;
  await stop(belongsTo(marker, files));
  await rm(`${files}.pid`, { force: true });
}

/** Starts a command in a session of its own, so that it outlives us. Whoever calls has looked that it does not run. */
export async function start({ marker, files, argv, cwd, env, user }: Command): Promise<number> {
  if (argv.some((arg) => arg.includes("\0")))
    throw new Refusal("A command contains a NUL character.", "Take it out of the manifest.");
  await endLeftovers({ marker, files });
  mkdirSync(dirname(files), { recursive: true, mode: 0o700 });
  const log = openSync(`${files}.log`, "a", 0o600);
  try {
    const child = spawn("/bin/sh", ["-c", wrapper, name, files, ...argv], {
      cwd,
      env: { ...env, [marking]: marker },
      detached: true,
      stdio: ["ignore", log, log],
      ...(user ?? {}),
    });
    await once(child, "spawn");
    child.unref();
    return child.pid ?? 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const next = code === "E2BIG" ? "Shorten the variables." : "See whether it has room and processes left.";
    throw new Refusal(`This machine did not start a process: ${code}.`, next, { cause: error });
  } finally {
    closeSync(log);
  }
}

/** Whether a process we know runs; one that ended and that nobody has asked after does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
