import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { exposesPorts, isListening, portKey } from "../compile/interpolation.ts";
import type { Stack } from "../stack.ts";
import { environment, portOf } from "./environment.ts";
import { waitUntilListening } from "./health/wait-until-listening.ts";
import { ensureRunning } from "./processes/ensure-running.ts";
import { markerOf, type RunContext } from "./run-context.ts";
import { startCommand } from "./start-command.ts";
import { createVolumes } from "./volumes.ts";

/** Starts a service, or finds it running; done once it listens. */
export const serviceStep = (
  context: RunContext,
  service: Stack["services"][number],
  dependsOn: string[],
): ExecutableStep => ({
  name: service.step,
  dependsOn,
  recheckOnResume: true,
  async *execute(stepContext) {
    const { machine, folders, stack } = context;
    const { step } = service;
    if (service.build)
      throw new OperationalError(
        `${service.name} is built apart from the app, which this machine cannot do.`,
        "Choose another cloud.",
      );
    // The source step created them already, but a build may have deleted them.
    await createVolumes(stack.services, folders);
    const listens = isListening(service);
    const daemon = {
      marker: markerOf(context, step),
      base: join(folders.processes, step),
      limits: machine.limits,
      listens,
      reservedPort: Number(stepContext.dataOf("source")[portKey(step)] ?? 0),
      isPortExposed: exposesPorts(stack),
    };
    yield* ensureRunning(stepContext, daemon, (port) => ({
      argv: startCommand(context, service, port),
      cwd: folders.app,
      env: environment(machine, folders, {
        ...context.env(stepContext, service.env),
        ...(listens ? { PORT: `${port}` } : {}),
      }),
    }));
    if (listens) yield* waitUntilListening(context, stepContext, service);
    return listens ? `Listens on 127.0.0.1:${portOf(stepContext.data)}` : undefined;
  },
});
