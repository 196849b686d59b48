import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep, StepUpdate } from "../../walk.ts";
import { missingProgram, runtimeAt } from "../compile/runtimes.ts";
import { buildEnvironment, environment } from "./environment.ts";
import { shell } from "./processes/detached-process.ts";
import { runToCompletion } from "./processes/run-command.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** Runs what turns the source into something that starts, one command after the other. */
export const build = (setting: RunContext, after: string[]): ExecutableStep => ({
  name: "build",
  dependsOn: after,
  async *execute(hand) {
    const { machine, folders, hide } = setting;
    const commands = commandsFor(setting);
    const files = join(folders.processes, `build.${hand.data.attempt}`);
    const given = environment(machine, folders, setting.env(hand));
    const env = { ...buildEnvironment(machine, given), MADE: folders.made };
    if (hand.data.of !== hand.data.attempt)
      yield { data: { of: hand.data.attempt ?? 0, began: machine.now(), part: 0, offset: 0, inside: false } };
    for (let part = Number(hand.data.part ?? 0); part < commands.length; part++) {
      const command = commands[part] ?? "";
      yield announce(command, part);
      const each = {
        marker: markerOf(setting, "build"),
        files: `${files}.${part}`,
        argv: shell(command),
        cwd: folders.app,
      };
      const task = { what: `\`${command}\``, seconds: machine.limits.buildSeconds, folder: folders.root, hide };
      yield* runToCompletion(machine, hand, { ...each, env }, task);
      yield { data: { part: part + 1, offset: 0, inside: false } };
    }
    return commands.length === 0 ? "There is nothing to build" : undefined;

    function announce(command: string, part: number): StepUpdate {
      const data = { part };
      return Number(hand.data.offset) > 0 ? { message: command, data } : { lines: [`$ ${hide(command)}`], data };
    }
  },
});

function commandsFor({ stack, folders, machine }: RunContext): string[] {
  const runtime = runtimeAt(stack.build, folders.app);
  const program = runtime && missingProgram(runtime, machine.path);
  if (program)
    throw new OperationalError(
      `A ${runtime.name} app needs ${program}, which is not on the PATH here.`,
      `To have it, ${runtime.install}.`,
    );
  const usual = runtime?.build(folders.app, machine.path) ?? [];
  if (stack.build.kind !== "command") return usual;
  // The command builds; what it builds with is installed as for any other app.
  return [...usual.filter((command) => !/ run /.test(command)), ...(stack.build.command ? [stack.build.command] : [])];
}
