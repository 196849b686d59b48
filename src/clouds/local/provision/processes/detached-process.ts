import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, fchownSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OperationalError } from "../../../cloud.ts";
import type { Limits } from "../../dependencies.ts";
import { markerVariable, type Process, processAt, processes, stop } from "./process-table.ts";
import { isWrapper, wrap } from "./wrapper-script.ts";

export interface Command {
  /** `<deployment>/<step>`, in its environment and that of everything it starts. */
  marker: string;
  /** Absolute path prefix of `.log`, `.pid` and `.exit`, never reused for another command. */
  files: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** Defaults to the current user; only root may choose another. */
  user?: { uid: number; gid: number } | null;
  /** Whether to restart it whenever it ends. */
  restart?: boolean;
}

export type Status = { status: "absent" } | { status: "running"; pid: number } | Exited;
export interface Exited {
  status: "exited";
  code: number;
}

/** Returns the argv of a shell command line. */
export const shell = (command: string) => ["/bin/sh", "-c", command];

/** Returns the argv of a service or job; null if it names no program. */
export function processArgv({
  entrypoint,
  command,
}: {
  entrypoint: string[] | null;
  command: string | string[] | null;
}): string[] | null {
  const args = typeof command === "string" ? shell(command) : (command ?? []);
  const argv = [...(entrypoint ?? []), ...args];
  return argv.length === 0 ? null : argv;
}

/** Returns a test for processes of a deployment or of one step, by their marker or by the path of their files. */
export const belongsTo =
  (marker: string, ...filePrefixes: string[]) =>
  (candidate: Process) =>
    candidate.marker === marker ||
    candidate.marker.startsWith(`${marker}/`) ||
    filePrefixes.some((prefix) => isWrapper(candidate, prefix));

/** Returns the status of the command with these files, whichever server started it. */
export async function statusOf(files: string): Promise<Status> {
  const exited = await exitCode(files);
  if (exited) return exited;
  const pid = Number(await readFile(`${files}.pid`, "utf8").catch(() => 0));
  const recorded = pid > 0 ? await processAt(pid) : null;
  // A fork of the shell looks like the shell until it calls exec, but does not lead the session.
  const isShell = (candidate: Process) => candidate.pid === candidate.session && isWrapper(candidate, `${files} `);
  const shell = recorded && isShell(recorded) ? recorded : (await processes()).find(isShell);
  if (shell) return { status: "running", pid: shell.pid };
  // It may have ended between the two checks.
  return (await exitCode(files)) ?? { status: "absent" };
}

export interface Crash {
  count: number;
  code: number;
  at: Date;
  /** Until the restart, counted from the crash. */
  delaySeconds: number;
}

/** Returns the last crash of a command that is restarted; null if it never ended. */
export async function lastCrash(files: string): Promise<Crash | null> {
  const text = await readFile(`${files}.crash`, "utf8").catch(() => "");
  const [, count, code, at, delay] = /^(\d+) (\d+) (\d+) (\d+)\n$/.exec(text) ?? [];
  if (count === undefined) return null;
  return { count: Number(count), code: Number(code), at: new Date(Number(at) * 1000), delaySeconds: Number(delay) };
}

export async function exitCode(files: string): Promise<Exited | null> {
  const text = await readFile(`${files}.exit`, "utf8").catch(() => "");
  return /^\d+\n$/.test(text) ? { status: "exited", code: Number(text) } : null;
}

/** Kills what is left of a command whose shell was killed, because its exit code is lost. */
export async function killOrphans({ marker, files }: Pick<Command, "marker" | "files">): Promise<void> {
  if (!existsSync(`${files}.pid`)) return;
  await stop(belongsTo(marker, files));
  await rm(`${files}.pid`, { force: true });
}

/** Starts a command in its own session, so that it outlives the server. The caller has checked that it does not run. */
export async function start(
  { marker, files, argv, cwd, env, user, restart = false }: Command,
  { outputBytes, logSeconds }: Pick<Limits, "outputBytes" | "logSeconds">,
): Promise<number> {
  if (argv.some((arg) => arg.includes("\0")))
    throw new OperationalError("A command contains a NUL character.", "Take it out of the manifest.");
  await killOrphans({ marker, files });
  mkdirSync(dirname(files), { recursive: true, mode: 0o700 });
  const log = openSync(`${files}.log`, "a", 0o600);
  try {
    if (user) fchownSync(log, user.uid, user.gid);
    const child = spawn("/bin/sh", wrap({ files, outputBytes, logSeconds, restart }, argv), {
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

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
