import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep, StepUpdate } from "../../walk.ts";
import { missingProgram, runtimeOf } from "../compile/runtimes.ts";
import { installed } from "../programs.ts";
import { buildEnvironment, environment } from "./environment.ts";
import { shell } from "./processes/detached-process.ts";
import { runToCompletion } from "./processes/run-command.ts";
import { projectFiles } from "./project-files.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** Runs the build commands one after the other. */
export const buildStep = (context: RunContext, dependsOn: string[]): ExecutableStep => ({
  name: "build",
  dependsOn,
  async *execute(stepContext) {
    const { machine, folders, hide } = context;
    const { attempt = 0 } = stepContext.data;
    const commands = buildCommands(context);
    const files = join(folders.processes, `build.${attempt}`);
    const appEnv = environment(machine, folders, context.env(stepContext));
    const env = { ...buildEnvironment(machine, appEnv), MADE: folders.made };
    if (stepContext.data.of !== attempt)
      yield { data: { of: attempt, began: machine.now(), part: 0, offset: 0, inside: false } };
    for (let part = Number(stepContext.data.part ?? 0); part < commands.length; part++) {
      const line = commands[part] ?? "";
      yield announce(line, part);
      const command = {
        marker: markerOf(context, "build"),
        files: `${files}.${part}`,
        argv: shell(line),
        cwd: folders.app,
        env,
      };
      const task = { subject: `\`${line}\``, seconds: machine.limits.buildSeconds, folder: folders.root, hide };
      yield* runToCompletion(machine, stepContext, command, task);
      yield { data: { part: part + 1, offset: 0, inside: false } };
    }
    return commands.length === 0 ? "There is nothing to build" : undefined;

    function announce(line: string, part: number): StepUpdate {
      const data = { part };
      return Number(stepContext.data.offset) > 0 ? { message: line, data } : { lines: [`$ ${hide(line)}`], data };
    }
  },
});

function buildCommands({ stack, folders, machine }: RunContext): string[] {
  const project = projectFiles(folders.app);
  const { has: hasProgram } = installed(machine.path);
  const runtime = runtimeOf(stack.build, project.has);
  const program = runtime && missingProgram(runtime, hasProgram);
  if (program)
    throw new OperationalError(
      `A ${runtime.name} app needs ${program}, which is not on the PATH here.`,
      `To have it, ${runtime.install}.`,
    );
  const commands = runtime?.build(project, hasProgram) ?? [];
  if (stack.build.kind !== "command") return commands;
  // The manifest's command replaces the build script; dependencies are installed as for any other app.
  const install = commands.filter((command) => !/ run /.test(command));
  return stack.build.command ? [...install, stack.build.command] : install;
}
