import { join, resolve } from "node:path";
import { mask } from "../../../mask.ts";
import type { DeploymentEvent, LedgerStep, Run } from "../../cloud.ts";
import { type ExecutableStep, walk } from "../../walk.ts";
import { walkReverse } from "../../walk-reverse.ts";
import { type Dependencies, foldersOf } from "../dependencies.ts";
import { Stack } from "../stack.ts";
import { resourceStep } from "./app-resources.ts";
import { buildStep } from "./build.ts";
import { deleteFolder } from "./delete-folder.ts";
import { resolveEnv } from "./env-values.ts";
import { secretsOf } from "./environment.ts";
import { healthStep, urlOf } from "./health/health-check.ts";
import { jobStep } from "./jobs.ts";
import { belongsTo } from "./processes/detached-process.ts";
import { isDaemonIn, stop } from "./processes/process-table.ts";
import type { RunContext } from "./run-context.ts";
import { scheduleStep } from "./schedule.ts";
import { serviceStep } from "./services.ts";
import { sourceStep } from "./source.ts";

export async function* provision(machine: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const context = createRunContext(machine, run);
  const drainTimeout = startDrainTimeout(run, machine.limits.drainSeconds);
  const { ledger, drainSignal } = run;
  const outcome = yield* walk(steps(context), { ledger, drainSignal, signal: drainTimeout.signal });
  drainTimeout.clear();
  if (outcome.end === "stopped") return;
  if (outcome.end === "failed") {
    // The files stay for a retry; no process of a failed app keeps running.
    await stopProcesses(machine, run);
    yield { type: "state", state: "failed", error: outcome.failure };
    return;
  }
  const primaryService = context.stack.services.find((service) => service.public);
  yield { type: "state", state: "succeeded", url: primaryService ? urlOf(outcome, primaryService) : null };
}

/**
 * Aborts the steps that still run some seconds after the server began to drain. Their processes continue without it,
 * and the next server finds them running or ended, just as after a crash.
 */
function startDrainTimeout({ signal, drainSignal }: Run, seconds: number) {
  const timedOut = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => timedOut.abort(), seconds * 1000);
  };
  if (drainSignal.aborted) start();
  else drainSignal.addEventListener("abort", start, { once: true });
  return {
    signal: AbortSignal.any([signal, timedOut.signal]),
    clear() {
      clearTimeout(timer);
      drainSignal.removeEventListener("abort", start);
    },
  };
}

function createRunContext(machine: Dependencies, run: Run): RunContext {
  const stack = Stack.parse(run.plan.stack);
  const secrets = [...secretsOf(run), ...stack.resources.map(({ step }) => run.deriveSecret(step))];
  return {
    machine,
    run,
    stack,
    folders: foldersOf(machine, run),
    hide: mask(secrets),
    env: (ledger, overrides) => resolveEnv({ run, stack }, ledger, overrides),
  };
}

/** Returns the steps: source and resources in parallel, the build, the jobs one by one, then every service. */
function steps(context: RunContext): ExecutableStep[] {
  const { stack } = context;
  const resources = stack.resources.map((resource) => resourceStep(context, resource));
  const build = buildStep(context, ["source", ...resources.map(({ name }) => name)]);
  let previous = [build.name];
  const jobs = stack.jobs.map((job) => {
    const step = jobStep(context, job, previous);
    previous = [step.name];
    return step;
  });
  const running = [
    ...stack.services.map((service) => serviceStep(context, service, previous)),
    ...(stack.schedule.length > 0 ? [scheduleStep(context, previous)] : []),
  ];
  const started = running.length > 0 ? running.map(({ name }) => name) : previous;
  return [sourceStep(context), ...resources, build, ...jobs, ...running, healthStep(context, started)];
}

/** Stops the processes of one step, or of all, wherever their files are. */
async function stopProcesses(machine: Dependencies, run: Run, step?: string) {
  const { processes } = foldersOf(machine, run);
  const marker = step === undefined ? run.id : `${run.id}/${step}`;
  const entries = [...run.ledger.values()].filter(({ name }) => step === undefined || name === step);
  const filePrefixes = [
    join(processes, step === undefined ? "/" : `${step}.`),
    ...entries.flatMap(dataFolderOf).map((folder) => `${folder}/`),
  ];
  await stop(belongsTo(marker, ...filePrefixes), machine.limits.graceSeconds * 1000);
}

/** Stops daemons that hid from `stopProcesses`, but still work in the deployment's folders. */
async function stopDaemons(machine: Dependencies, run: Run, root: string) {
  const folders = [root, ...[...run.ledger.values()].flatMap(dataFolderOf)].map((folder) => resolve(folder));
  await stop(isDaemonIn(...folders), machine.limits.graceSeconds * 1000);
}

const dataFolderOf = ({ data }: LedgerStep) => (typeof data.place === "string" ? [data.place] : []);

export async function* remove(machine: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const { root } = foldersOf(machine, run);
  for await (const event of walkReverse(run, removeStep)) {
    if (event.type === "state" && event.state === "removed") {
      await stopProcesses(machine, run);
      await stopDaemons(machine, run, root);
      await deleteFolder(root);
    }
    yield event;
  }

  async function removeStep(step: LedgerStep) {
    await stopProcesses(machine, run, step.name);
    for (const folder of dataFolderOf(step)) await deleteFolder(folder);
  }
}
