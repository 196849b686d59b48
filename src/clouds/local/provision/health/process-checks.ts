import { OperationalError } from "../../../cloud.ts";
import type { StepContext } from "../../../walk.ts";
import type { Stack } from "../../stack.ts";
import { belongsTo, statusOf } from "../processes/detached-process.ts";
import { lastLines } from "../processes/log-reader.ts";
import { nonLoopbackListeners } from "../processes/ports.ts";
import { type Process, processes, processTree } from "../processes/process-table.ts";
import { markerOf, type RunContext } from "../run-context.ts";
import { filesOf } from "./forward-log.ts";

export type Watched = Pick<Stack["services"][number], "step" | "name">;

/** Throws if the process of a step is no longer running. */
export async function failIfExited(context: RunContext, stepContext: StepContext, { step, name }: Watched) {
  const files = filesOf(context, stepContext, step);
  const status = await statusOf(files);
  if (status.status === "running") return;
  const tail = await lastLines(`${files}.log`, context.hide);
  const outcome = status.status === "exited" ? `ended with code ${status.code}` : "was ended from outside";
  throw new OperationalError(
    [`${name} ${outcome} right after its start.`, ...tail].join("\n"),
    "Mend what the lines above say, then try again.",
  );
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
