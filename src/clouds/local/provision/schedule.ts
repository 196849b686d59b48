import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutableStep } from "../../walk.ts";
import { environment } from "./environment.ts";
import { processArgv } from "./processes/detached-process.ts";
import { ensureRunning } from "./processes/ensure-running.ts";
import { markerOf, type RunContext } from "./run-context.ts";

const scheduler = fileURLToPath(new URL("./processes/scheduler.ts", import.meta.url));

/** Starts the process that runs the scheduled jobs. */
export const scheduleStep = (context: RunContext, dependsOn: string[]): ExecutableStep => ({
  name: "schedule",
  dependsOn,
  recheckOnResume: true,
  async *execute(stepContext) {
    const { machine, folders, stack } = context;
    const file = join(folders.processes, "schedule.json");
    const jobs = stack.schedule.map(({ name, cron, timeout, ...process }) => ({
      name,
      argv: processArgv(process) ?? [],
      cron,
      timeout,
    }));
    await writeFile(`${file}.part`, JSON.stringify(jobs), { mode: 0o600 });
    await rename(`${file}.part`, file);
    const base = join(folders.processes, "schedule");
    const daemon = { marker: markerOf(context, "schedule"), base, limits: machine.limits, listens: false };
    yield* ensureRunning(stepContext, daemon, () => ({
      argv: [process.execPath, scheduler, file],
      cwd: folders.app,
      env: environment(machine, folders, context.env(stepContext)),
    }));
    return undefined;
  },
});
