import { join } from "node:path";
import type { ExecutableStep } from "../../walk.ts";
import type { Stack } from "../stack.ts";
import { environment } from "./environment.ts";
import { shell } from "./processes/detached-process.ts";
import { runToCompletion } from "./processes/run-command.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** Runs a job to its end before anything is started. */
export const job = (setting: RunContext, one: Stack["jobs"][number], after: string[]): ExecutableStep => ({
  name: one.step,
  dependsOn: after,
  async *execute(hand) {
    const { machine, folders, hide } = setting;
    const { attempt = 1 } = hand.data;
    if (hand.data.of !== attempt) yield { data: { of: attempt, began: machine.now(), offset: 0, inside: false } };
    const files = join(folders.processes, `${one.step}.${attempt}`);
    const env = environment(machine, folders, setting.env(hand));
    const command = { marker: markerOf(setting, one.step), files, argv: shell(one.command), cwd: folders.app, env };
    const task = { what: `The job ${one.name}`, seconds: one.timeout ?? machine.limits.jobSeconds, folder: null, hide };
    yield* runToCompletion(machine, hand, command, task);
    return undefined;
  },
});
