import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, fchownSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OperationalError } from "../../../cloud.ts";
import type { Limits } from "../../dependencies.ts";
import { markerVariable, type Process, processAt, processes, stop } from "./process-table.ts";

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

export type Status = { is: "absent" } | { is: "running"; pid: number } | Exited;
export interface Exited {
  is: "ended";
  code: number;
}

// The shell outlives the command by a moment to write down how it ended, whole or not at all. It catches SIGTERM
// instead of ignoring it, because what is ignored stays ignored in the command.
//
// What stays may write for years, and for weeks with no server of ours running: so the shell itself looks at the size of
// the log, and begins it anew. That is safe, because whoever has it open only ever appends; the last lines stay beside it.
// Its variables have names that no app's variables have, which it would overwrite.
const wrapper = `trap : HUP INT TERM
slipway_files=$1 slipway_most=$2 slipway_pause=$3
shift 3
umask 077
echo "$$" >"$slipway_files.pid.part" && mv "$slipway_files.pid.part" "$slipway_files.pid"
(
  trap 'kill "$slipway_nap" 2>/dev/null; exit' TERM
  while kill -0 "$$" 2>/dev/null; do
    sleep "$slipway_pause" &
    slipway_nap=$!
    wait "$slipway_nap"
    [ "$(wc -c <"$slipway_files.log")" -gt "$slipway_most" ] || continue
    tail -c 100000 "$slipway_files.log" >"$slipway_files.log.part" && mv "$slipway_files.log.part" "$slipway_files.log.before"
    : >"$slipway_files.log"
  done
) &
slipway_watch=$!
"$@"
slipway_code=$?
kill "$slipway_watch" 2>/dev/null
echo "$slipway_code" >"$slipway_files.exit.part" && mv "$slipway_files.exit.part" "$slipway_files.exit"`;
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

export async function exitCode(files: string): Promise<Exited | null> {
  const text = await readFile(`${files}.exit`, "utf8").catch(() => "");
  return /^\d+\n$/.test(text) ? { is: "ended", code: Number(text) } : null;
}

/** Ends what is left of a command whose shell was killed: nobody would learn how it ends. */
export async function killOrphans({ marker, files }: Pick<Command, "marker" | "files">): Promise<void> {
  if (!existsSync(`${files}.pid`)) return;
  await stop(belongsTo(marker, files));
  await rm(`${files}.pid`, { force: true });
}

/** Starts a command in a session of its own, so that it outlives us. Whoever calls has looked that it does not run. */
export async function start(
  { marker, files, argv, cwd, env, user }: Command,
  { outputBytes, logSeconds }: Pick<Limits, "outputBytes" | "logSeconds">,
): Promise<number> {
  if (argv.some((arg) => arg.includes("\0")))
    throw new OperationalError("A command contains a NUL character.", "Take it out of the manifest.");
  await killOrphans({ marker, files });
  mkdirSync(dirname(files), { recursive: true, mode: 0o700 });
  const log = openSync(`${files}.log`, "a", 0o600);
  try {
    if (user) fchownSync(log, user.uid, user.gid);
    const child = spawn("/bin/sh", ["-c", wrapper, name, files, `${outputBytes}`, `${logSeconds}`, ...argv], {
      cwd,
      env: { ...env, [markerVariable]: marker },
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
    throw new OperationalError(`This machine did not start a process: ${code}.`, next, { cause: error });
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
