// A process of its own: runs the jobs in the file of its argument, each on its schedule, one run of a job at a time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Cron } from "croner";
import { type Process, stop } from "./process-table.ts";

const jobs = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  name: string;
  command: string;
  cron: string;
  /** Seconds. */
  timeout?: number;
}[];
const say = (words: string) => console.log(`${new Date().toISOString()} ${words}`);

/** The longest a timer can be set to: 24 days. */
const longest = 2 ** 31 - 1;

for (const { name, command, cron, timeout } of jobs)
  new Cron(cron, { name, timezone: "UTC", protect: true }, async () => {
    say(`${name} begins`);
    const child = spawn("/bin/sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit"] });
    const ended = once(child, "exit");
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(
            () => {
              say(`${name} took longer than ${timeout} seconds`);
              stop(startedBy(child.pid ?? 0)).catch((error: Error) => say(error.message));
            },
            Math.min(timeout * 1000, longest),
          );
    const [code, signal] = await ended;
    clearTimeout(timer);
    say(`${name} ended with ${signal ?? `code ${code}`}`);
  });

/** A process and all that it has started, also once it is gone itself. */
function startedBy(pid: number) {
  const known = new Set([pid]);
  return (one: Process) => {
    if (!known.has(one.pid) && !known.has(one.parent)) return false;
    known.add(one.pid);
    return true;
  };
}
