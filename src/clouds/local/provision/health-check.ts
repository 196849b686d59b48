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
import { baseOf } from "./services.ts";

const pause = 200;
/** How long processes without an address must have stayed alive to be called running. */
const settling = 2000;

/** Waits until the public service answers, and all others live; passes on what they print meanwhile. */
export const health = (setting: RunContext, after: string[]): ExecutableStep => ({
  name: "health",
  dependsOn: after,
  recheckOnResume: true,
  async *execute(hand) {
    const { machine, stack } = setting;
    const { services } = stack;
    const watched = [...services, ...(stack.schedule.length > 0 ? [{ step: "schedule", name: "The schedule" }] : [])];
    yield { data: { began: machine.now() } };
    const front = services.find((service) => service.public);
    for (let round = 0; ; round++) {
      for (const { step } of watched) yield* passOn(setting, hand, step);
      await refuseDead(setting, hand, watched);
      if (round % 5 === 0) await refuseOpen(setting);
      const age = machine.now() - Number(hand.data.began);
      const answer = front ? await ask(front, portOf(hand.dataOf(front.step)), hand.signal) : null;
      hand.signal.throwIfAborted();
      if (front ? answer?.good : age > settling) break;
      const patience = Math.max(machine.limits.healthSeconds, front?.health?.grace ?? 0);
      if (front && age > patience * 1000) {
        const last = await lastLines(
          `${processFiles(baseOf(setting, front.step), hand.dataOf(front.step))}.log`,
          setting.hide,
        );
        const said = answer?.status ? `answers with status ${answer.status}` : "does not answer";
        const message = `${front.name} ${said} at ${pathOf(front)} after ${patience} seconds.`;
        throw new OperationalError(
          [message, ...last].join("\n"),
          "It has to listen on the port in PORT, at the address in HOST.",
        );
      }
      await sleep(pause, undefined, { signal: hand.signal });
    }
    for (const { step } of watched) yield* passOn(setting, hand, step);
    await refuseOpen(setting);
    return front ? urlOf(hand, front) : undefined;
  },
});

export const urlOf = (hand: Pick<StepContext, "dataOf">, { step }: { step: string }) =>
  `http://127.0.0.1:${portOf(hand.dataOf(step))}`;

type Service = Stack["services"][number];

const pathOf = ({ health }: Service) => `/${(health?.path ?? "/").replace(/^\/+/, "")}`;

async function ask(front: Service, port: number, signal: AbortSignal) {
  try {
    const url = new URL(`http://127.0.0.1:${port}`);
    const [path = "/", query = ""] = pathOf(front).split("#")[0]?.split("?") ?? [];
    url.pathname = path;
    url.search = query;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.min(front.health?.timeout ?? 5, 300) * 1000)]);
    const { status, body } = await fetch(url, { redirect: "manual", signal: limit });
    await body?.cancel();
    // Where the manifest names a path, it means one that says whether all is well; "/" may want a login.
    return { status, good: status >= 200 && status < (front.health ? 400 : 500) };
  } catch {
    return null;
  }
}

/** What a service has printed since we last looked. */
async function* passOn(setting: RunContext, hand: StepContext, step: string): AsyncGenerator<StepUpdate, void> {
  const files = processFiles(baseOf(setting, step), hand.dataOf(step));
  const keys = { file: `${step}.file`, offset: `${step}.offset`, inside: `${step}.inside` };
  const name = files.slice(setting.folders.processes.length + 1);
  for (;;) {
    const same = hand.data[keys.file] === name;
    const at = {
      offset: same ? Number(hand.data[keys.offset] ?? 0) : 0,
      inside: same && hand.data[keys.inside] === true,
    };
    const part =
      at.offset > setting.machine.limits.outputBytes
        ? null
        : await readFromOffset(`${files}.log`, at, { ended: false, hide: setting.hide });
    if (!part) return;
    yield { lines: part.lines, data: { [keys.file]: name, [keys.offset]: part.offset, [keys.inside]: part.inside } };
  }
}

async function refuseDead(setting: RunContext, hand: StepContext, watched: { step: string; name: string }[]) {
  for (const { step, name } of watched) {
    const files = processFiles(baseOf(setting, step), hand.dataOf(step));
    const status = await statusOf(files);
    if (status.is === "running") continue;
    const last = await lastLines(`${files}.log`, setting.hide);
    const how = status.is === "ended" ? `ended with code ${status.code}` : "was ended from outside";
    throw new OperationalError(
      [`${name} ${how} right after its start.`, ...last].join("\n"),
      "Mend what the lines above say, then try again.",
    );
  }
}

async function refuseOpen(setting: RunContext) {
  const all = await processes();
  for (const { step, name } of setting.stack.services) {
    const marker = markerOf(setting, step);
    const ours = processTree(all, belongsTo(marker, `${setting.folders.processes}/${step}.`));
    const open = (await Promise.all(ours.map(({ pid }) => nonLoopbackListeners(pid)))).flat();
    if (open.length > 0)
      throw new OperationalError(
        `${name} listens on ${open[0]}: others on the network could reach it, so it was stopped.`,
        "Make it listen on the address in the variable HOST (127.0.0.1 here) and the port in PORT.",
      );
  }
}
