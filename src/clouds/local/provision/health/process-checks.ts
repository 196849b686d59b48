import { OperationalError } from "../../../cloud.ts";
import type { StepContext } from "../../../walk.ts";
import type { Stack } from "../../stack.ts";
import { commandFailure } from "../failures/command-failure.ts";
import { belongsTo, lastCrash, statusOf } from "../processes/detached-process.ts";
import { nonLoopbackListeners } from "../processes/ports.ts";
import { type Process, processes, processTree } from "../processes/process-table.ts";
import { markerOf, type RunContext } from "../run-context.ts";
import { filesOf } from "./forward-log.ts";

export type Watched = Pick<Stack["services"][number], "step" | "name">;

/** Throws if the process of a step has ended, even if it was restarted. */
export async function failIfExited(context: RunContext, stepContext: StepContext, { step, name }: Watched) {
  const files = filesOf(context, stepContext, step);
  const status = await statusOf(files);
  const crash = await lastCrash(files);
  if (status.status === "running" && !crash) return;
  const code = crash?.code ?? (status.status === "exited" ? status.code : null);
  const outcome = code === null ? "was ended from outside" : `ended with code ${code}`;
  const sentence = `${name} ${outcome} right after its start`;
  throw await commandFailure({ sentence, code, log: `${files}.log`, hide: context.hide });
}

/** Throws if one of the services listens beyond loopback. */
export async function failIfExposed(context: RunContext, services: Watched[]) {
  const all = await processes();
  for (const { step, name } of services) {
    const listeners = await Promise.all(
      serviceProcesses(context, step, all).map(({ pid }) => nonLoopbackListeners(pid)),
    );
    const [listener] = listeners.flat();
    if (listener)
      throw new OperationalError(
        `${name} listens on ${listener}: others on the network could reach it, so it was stopped.`,
        "Make it listen on the address in the variable HOST (127.0.0.1 here) and the port in PORT.",
      );
  }
}

export const serviceProcesses = (context: RunContext, step: string, all: Process[]): Process[] =>
  processTree(all, belongsTo(markerOf(context, step), `${context.folders.processes}/${step}.`));
