import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../../cloud.ts";
import type { StepContext, StepUpdate } from "../../../walk.ts";
import type { Stack } from "../../stack.ts";
import { portOf } from "../environment.ts";
import { commandFailure } from "../failures/command-failure.ts";
import { acceptsConnections, listenersOf } from "../processes/ports.ts";
import { processes } from "../processes/process-table.ts";
import type { RunContext } from "../run-context.ts";
import { filesOf, forwardLog, serviceKeys } from "./forward-log.ts";
import { failIfExited, failIfExposed, serviceProcesses } from "./process-checks.ts";

type Service = Stack["services"][number];

const pollIntervalMs = 100;

/** How long a service may take to start listening, and then to respond. */
export const startupSeconds = ({ machine }: RunContext, { health }: Service): number =>
  Math.max(machine.limits.healthSeconds, health?.grace ?? 0);

/** Waits until a service accepts connections on its port; forwards its log meanwhile. */
export async function* waitUntilListening(
  context: RunContext,
  stepContext: StepContext,
  service: Service,
): AsyncGenerator<StepUpdate, void> {
  const { machine } = context;
  const port = portOf(stepContext.data);
  yield { data: { began: machine.now() } };
  for (let polls = 0; ; polls++) {
    yield* forwardLog(context, stepContext, service.step, serviceKeys);
    await failIfExited(context, stepContext, service);
    if (polls % 10 === 0) await failIfExposed(context, [service]);
    if (await acceptsConnections(port)) break;
    const ageMs = machine.now() - Number(stepContext.data.began);
    if (ageMs > startupSeconds(context, service) * 1000) throw await notListening(context, stepContext, service, port);
    await sleep(pollIntervalMs, undefined, { signal: stepContext.signal });
  }
}

async function notListening(context: RunContext, stepContext: StepContext, service: Service, port: number) {
  const { name, step } = service;
  const all = await processes();
  const listeners = await Promise.all(serviceProcesses(context, step, all).map(({ pid }) => listenersOf(pid)));
  const otherPorts = [...new Set(listeners.flat().map((listener) => listener.port))];
  if (otherPorts.includes(port))
    return new OperationalError(
      `${name} listens on port ${port}, but not on the address 127.0.0.1.`,
      "Make it listen on the address in the variable HOST.",
    );
  if (otherPorts.length > 0)
    return new OperationalError(
      `${name} listens on port ${otherPorts.join(" and ")}, not on the port in the variable PORT (${port}).`,
      "Let the app read its port from the variable PORT, then try again.",
    );
  return commandFailure({
    sentence: `${name} does not listen on the port in the variable PORT (${port}) after ${startupSeconds(context, service)} seconds`,
    code: null,
    log: `${filesOf(context, stepContext, step)}.log`,
    hide: context.hide,
    next: "It has to listen on the port in PORT, at the address in HOST.",
  });
}
