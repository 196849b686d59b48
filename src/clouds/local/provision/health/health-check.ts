import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutableStep, StepContext } from "../../../walk.ts";
import type { Stack } from "../../stack.ts";
import { portOf } from "../environment.ts";
import { commandFailure } from "../failures/command-failure.ts";
import type { RunContext } from "../run-context.ts";
import { filesOf, forwardLog, healthKeys } from "./forward-log.ts";
import { failIfExited, failIfExposed, type Watched } from "./process-checks.ts";
import { startupSeconds } from "./wait-until-listening.ts";

type Service = Stack["services"][number];

const pollIntervalMs = 200;
/** How long processes without an address must have been alive to count as healthy. */
const settlingMs = 2000;

/** Waits until the public service responds and all others are alive; forwards their logs meanwhile. */
export const healthStep = (context: RunContext, dependsOn: string[]): ExecutableStep => ({
  name: "health",
  dependsOn,
  recheckOnResume: true,
  async *execute(stepContext) {
    const { machine, stack } = context;
    const { services } = stack;
    const watched: Watched[] = [
      ...services,
      ...(stack.schedule.length > 0 ? [{ step: "schedule", name: "The schedule" }] : []),
    ];
    const primaryService = services.find((service) => service.public);
    yield { data: { began: machine.now() } };
    for (let polls = 0; ; polls++) {
      for (const { step } of watched) yield* forwardLog(context, stepContext, step, healthKeys(step));
      for (const process of watched) await failIfExited(context, stepContext, process);
      if (polls % 5 === 0) await failIfExposed(context, services);
      const ageMs = machine.now() - Number(stepContext.data.began);
      const port = primaryService ? portOf(stepContext.dataOf(primaryService.step)) : 0;
      const response = primaryService ? await probe(primaryService, port, stepContext.signal) : null;
      stepContext.signal.throwIfAborted();
      if (primaryService ? response?.isHealthy : ageMs > settlingMs) break;
      if (primaryService && ageMs > startupSeconds(context, primaryService) * 1000)
        throw await unhealthy(context, stepContext, primaryService, response?.status);
      await sleep(pollIntervalMs, undefined, { signal: stepContext.signal });
    }
    for (const { step } of watched) yield* forwardLog(context, stepContext, step, healthKeys(step));
    await failIfExposed(context, services);
    return primaryService ? urlOf(stepContext, primaryService) : undefined;
  },
});

export const urlOf = ({ dataOf }: Pick<StepContext, "dataOf">, { step }: { step: string }) =>
  `http://127.0.0.1:${portOf(dataOf(step))}`;

const healthPath = ({ health }: Service) => `/${(health?.path ?? "/").replace(/^\/+/, "")}`;

async function probe(service: Service, port: number, signal: AbortSignal) {
  try {
    const url = new URL(`http://127.0.0.1:${port}`);
    const [path = "/", query = ""] = healthPath(service).split("#")[0]?.split("?") ?? [];
    url.pathname = path;
    url.search = query;
    const timeout = AbortSignal.timeout(Math.min(service.health?.timeout ?? 5, 300) * 1000);
    const { status, body } = await fetch(url, { redirect: "manual", signal: AbortSignal.any([signal, timeout]) });
    await body?.cancel();
    // A path from the manifest must report success; the default "/" may require a login.
    return { status, isHealthy: status >= 200 && status < (service.health ? 400 : 500) };
  } catch {
    return null;
  }
}

function unhealthy(context: RunContext, stepContext: StepContext, service: Service, status: number | undefined) {
  const outcome = status ? `answers with status ${status}` : "does not answer";
  const next = status
    ? "Look at its log for what it says about that request. The path comes from the manifest's health check."
    : "It accepts connections, but sends no HTTP response. Look at its log for what it waits for.";
  return commandFailure({
    sentence: `${service.name} ${outcome} at ${healthPath(service)} after ${startupSeconds(context, service)} seconds`,
    code: null,
    log: `${filesOf(context, stepContext, service.step)}.log`,
    hide: context.hide,
    next,
  });
}
