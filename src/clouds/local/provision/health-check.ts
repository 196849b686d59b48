import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep, StepContext, StepUpdate } from "../../walk.ts";
import type { Stack } from "../stack.ts";
import { portOf } from "./environment.ts";
import { belongsTo, statusOf } from "./processes/detached-process.ts";
import { processFiles } from "./processes/ensure-running.ts";
import { lastLines, readFromOffset } from "./processes/log-reader.ts";
import { nonLoopbackListeners } from "./processes/ports.ts";
import { processes, processTree } from "./processes/process-table.ts";
import { markerOf, type RunContext } from "./run-context.ts";

type Service = Stack["services"][number];
type Watched = Pick<Service, "step" | "name">;

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
      for (const { step } of watched) yield* forwardLog(context, stepContext, step);
      await failIfExited(context, stepContext, watched);
      if (polls % 5 === 0) await failIfExposed(context);
      const ageMs = machine.now() - Number(stepContext.data.began);
      const port = primaryService ? portOf(stepContext.dataOf(primaryService.step)) : 0;
      const response = primaryService ? await probe(primaryService, port, stepContext.signal) : null;
      stepContext.signal.throwIfAborted();
      if (primaryService ? response?.isHealthy : ageMs > settlingMs) break;
      if (primaryService) await failIfLate(context, stepContext, primaryService, ageMs, response?.status);
      await sleep(pollIntervalMs, undefined, { signal: stepContext.signal });
    }
    for (const { step } of watched) yield* forwardLog(context, stepContext, step);
    await failIfExposed(context);
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

const filesOf = ({ folders }: RunContext, { dataOf }: StepContext, step: string) =>
  processFiles(join(folders.processes, step), dataOf(step));

/** Yields what a service has logged since the last poll. */
async function* forwardLog(
  context: RunContext,
  stepContext: StepContext,
  step: string,
): AsyncGenerator<StepUpdate, void> {
  const files = filesOf(context, stepContext, step);
  const keys = { file: `${step}.file`, offset: `${step}.offset`, inside: `${step}.inside` };
  const name = files.slice(context.folders.processes.length + 1);
  for (;;) {
    const { data } = stepContext;
    const isSameFile = data[keys.file] === name;
    const position = {
      offset: isSameFile ? Number(data[keys.offset] ?? 0) : 0,
      inside: isSameFile && data[keys.inside] === true,
    };
    if (position.offset > context.machine.limits.outputBytes) return;
    const part = await readFromOffset(`${files}.log`, position, { ended: false, hide: context.hide });
    if (!part) return;
    yield { lines: part.lines, data: { [keys.file]: name, [keys.offset]: part.offset, [keys.inside]: part.inside } };
  }
}

async function failIfLate(
  context: RunContext,
  stepContext: StepContext,
  service: Service,
  ageMs: number,
  status: number | undefined,
) {
  const timeoutSeconds = Math.max(context.machine.limits.healthSeconds, service.health?.grace ?? 0);
  if (ageMs <= timeoutSeconds * 1000) return;
  const outcome = status ? `answers with status ${status}` : "does not answer";
  const tail = await lastLines(`${filesOf(context, stepContext, service.step)}.log`, context.hide);
  const message = `${service.name} ${outcome} at ${healthPath(service)} after ${timeoutSeconds} seconds.`;
  throw new OperationalError(
    [message, ...tail].join("\n"),
    "It has to listen on the port in PORT, at the address in HOST.",
  );
}

async function failIfExited(context: RunContext, stepContext: StepContext, watched: Watched[]) {
  for (const { step, name } of watched) {
    const files = filesOf(context, stepContext, step);
    const status = await statusOf(files);
    if (status.status === "running") continue;
    const tail = await lastLines(`${files}.log`, context.hide);
    const outcome = status.status === "exited" ? `ended with code ${status.code}` : "was ended from outside";
    throw new OperationalError(
      [`${name} ${outcome} right after its start.`, ...tail].join("\n"),
      "Mend what the lines above say, then try again.",
    );
  }
}

async function failIfExposed(context: RunContext) {
  const all = await processes();
  for (const { step, name } of context.stack.services) {
    const tree = processTree(all, belongsTo(markerOf(context, step), `${context.folders.processes}/${step}.`));
    const listeners = (await Promise.all(tree.map(({ pid }) => nonLoopbackListeners(pid)))).flat();
    if (listeners.length > 0)
      throw new OperationalError(
        `${name} listens on ${listeners[0]}: others on the network could reach it, so it was stopped.`,
        "Make it listen on the address in the variable HOST (127.0.0.1 here) and the port in PORT.",
      );
  }
}
