// Runs as a process of its own: executes the jobs in the file named by its argument, never two runs of one job at once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Cron } from "croner";
import { type Process, stop } from "./process-table.ts";

const jobs = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  name: string;
  argv: string[];
  cron: string;
  /** Seconds. */
  timeout?: number;
}[];
const log = (message: string) => console.log(`${new Date().toISOString()} ${message}`);

/** The longest delay of a timer: 24 days. */
const maxDelayMs = 2 ** 31 - 1;

for (const { name, argv, cron, timeout } of jobs)
  new Cron(cron, { name, timezone: "UTC", protect: true }, async () => {
    log(`${name} begins`);
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    const exit = once(child, "exit");
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(
            () => {
              log(`${name} took longer than ${timeout} seconds`);
              stop(startedBy(child.pid ?? 0)).catch((error: Error) => log(error.message));
            },
            Math.min(timeout * 1000, maxDelayMs),
          );
    const [code, signal] = await exit;
    clearTimeout(timer);
    log(`${name} ended with ${signal ?? `code ${code}`}`);
  });

/** Returns a test for a process and its descendants that still matches them after the process has ended. */
function startedBy(pid: number) {
  const tree = new Set([pid]);
  return (candidate: Process) => {
    if (!tree.has(candidate.pid) && !tree.has(candidate.parent)) return false;
    tree.add(candidate.pid);
    return true;
  };
}
