import { join } from "node:path";
import type { ExecutableStep } from "../../walk.ts";
import type { Stack } from "../stack.ts";
import { environment } from "./environment.ts";
import { processArgv } from "./processes/detached-process.ts";
import { runToCompletion } from "./processes/run-command.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** Runs a job to completion before the services start. */
export const jobStep = (
  context: RunContext,
  { step, name, timeout, ...process }: Stack["jobs"][number],
  dependsOn: string[],
): ExecutableStep => ({
  name: step,
  dependsOn,
  async *execute(stepContext) {
    const { machine, folders, hide } = context;
    const { attempt = 1 } = stepContext.data;
    if (stepContext.data.of !== attempt)
      yield { data: { of: attempt, began: machine.now(), offset: 0, inside: false } };
    const files = join(folders.processes, `${step}.${attempt}`);
    const env = environment(machine, folders, context.env(stepContext));
    const command = { marker: markerOf(context, step), files, argv: processArgv(process) ?? [], cwd: folders.app, env };
    const task = { subject: `The job ${name}`, seconds: timeout ?? machine.limits.jobSeconds, folder: null, hide };
    yield* runToCompletion(machine, stepContext, command, task);
    return undefined;
  },
});
