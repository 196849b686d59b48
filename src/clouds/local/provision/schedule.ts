import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutableStep } from "../../walk.ts";
import { environment } from "./environment.ts";
import { ensureRunning } from "./processes/ensure-running.ts";
import { markerOf, type RunContext } from "./run-context.ts";
import { baseOf } from "./services.ts";

const scheduler = fileURLToPath(new URL("./processes/scheduler.ts", import.meta.url));

/** Starts the process that runs the scheduled jobs when it is their time. */
export const schedule = (setting: RunContext, after: string[]): ExecutableStep => ({
  name: "schedule",
  dependsOn: after,
  recheckOnResume: true,
  async *execute(hand) {
    const { machine, folders, stack } = setting;
    const file = join(folders.processes, "schedule.json");
    await writeFile(`${file}.part`, JSON.stringify(stack.schedule), { mode: 0o600 });
    await rename(`${file}.part`, file);
    const what = {
      marker: markerOf(setting, "schedule"),
      base: baseOf(setting, "schedule"),
      limits: machine.limits,
      listens: false,
    };
    yield* ensureRunning(hand, what, () => ({
      argv: [process.execPath, scheduler, file],
      cwd: folders.app,
      env: environment(machine, folders, setting.env(hand)),
    }));
    return undefined;
  },
});
