import { existsSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { exposesPorts, isListening, portKey } from "../compile/interpolation.ts";
import { runtimeAt } from "../compile/runtimes.ts";
import { makeVolumes } from "../compile/volumes.ts";
import type { Stack } from "../stack.ts";
import { environment, portOf } from "./environment.ts";
import { shell } from "./processes/detached-process.ts";
import { ensureRunning } from "./processes/ensure-running.ts";
import { markerOf, type RunContext } from "./run-context.ts";

type Service = Stack["services"][number];

/** Where the logs and exit codes of a step's process are. */
export const baseOf = ({ folders }: RunContext, step: string) => join(folders.processes, step);

/** Starts a service, or finds it running. */
export const service = (setting: RunContext, one: Service, after: string[]): ExecutableStep => ({
  name: one.step,
  dependsOn: after,
  recheckOnResume: true,
  async *execute(hand) {
    const { machine, folders, stack } = setting;
    if (one.build)
      throw new OperationalError(`${one.name} is built apart from the app, which this machine cannot do.`, elsewhere);
    // Again: a build may have taken them away.
    await makeVolumes(setting);
    const heard = isListening(one);
    const what = {
      marker: markerOf(setting, one.step),
      base: baseOf(setting, one.step),
      limits: machine.limits,
      listens: heard,
      port: Number(hand.dataOf("source")[portKey(one.step)] ?? 0),
      told: exposesPorts(stack),
    };
    yield* ensureRunning(hand, what, (port) => ({
      argv: argvOf(setting, one, port),
      cwd: folders.app,
      env: environment(machine, folders, { ...setting.env(hand, one.env), ...(heard ? { PORT: `${port}` } : {}) }),
    }));
    return heard ? `Listens on 127.0.0.1:${portOf(hand.data)}` : undefined;
  },
});

const elsewhere = "Choose another cloud.";
const staticServer = fileURLToPath(new URL("./processes/static-server.ts", import.meta.url));

function argvOf({ stack, folders }: RunContext, { name, command }: Service, port: number): string[] {
  if (command !== null) return shell(command);
  const { build } = stack;
  if (build.kind === "command" && build.publish !== null) return serving(folders.app, build.publish, port);
  const usual = runtimeAt(build, folders.app)?.start(folders.app);
  if (usual) return shell(usual);
  if (existsSync(join(folders.app, "index.html"))) return serving(folders.app, "", port);
  throw new OperationalError(
    `Nothing says how to start ${name}.`,
    `Add a Procfile with a line such as \`${name}: node server.js\`.`,
  );
}

function serving(app: string, publish: string, port: number): string[] {
  const folder = resolve(app, publish.replace(/^\/+/, ""));
  if (relative(app, folder).split(sep)[0] === "..")
    throw new OperationalError(
      `The folder to publish, ${publish}, is outside the app.`,
      "Name a folder inside the repository.",
    );
  if (!existsSync(folder))
    throw new OperationalError(
      `The folder to publish, ${publish}, is not there after the build.`,
      "Look at what the build writes, and name that.",
    );
  return [process.execPath, staticServer, folder, `${port}`];
}
