import { mask } from "../../../mask.ts";
import type { DeploymentEvent, LedgerStep, Run } from "../../cloud.ts";
import { type ExecutableStep, walk, walkReverse } from "../../walk.ts";
import { type Dependencies, foldersOf } from "../dependencies.ts";
import { Stack } from "../stack.ts";
import { resource } from "./app-resources.ts";
import { build } from "./build.ts";
import { deleteFolder } from "./delete-folder.ts";
import { resolveEnv } from "./env-values.ts";
import { secretsOf } from "./environment.ts";
import { health, urlOf } from "./health-check.ts";
import { job } from "./jobs.ts";
import { belongsTo } from "./processes/detached-process.ts";
import { stop } from "./processes/process-table.ts";
import type { RunContext } from "./run-context.ts";
import { schedule } from "./schedule.ts";
import { service } from "./services.ts";
import { source } from "./source.ts";

export async function* provision(machine: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const setting = settingOf(machine, run);
  const patience = patient(run, machine.limits.drainSeconds);
  const { ledger, drainSignal: draining } = run;
  const outcome = yield* walk(steps(setting), { ledger, drainSignal: draining, signal: patience.signal });
  patience.end();
  if (outcome.end === "stopped") return;
  if (outcome.end === "failed") {
    // The files stay for another try; nothing of a failed app goes on running.
    await stopAll(machine, run);
    yield { type: "state", state: "failed", error: outcome.failure };
    return;
  }
  const front = setting.stack.services.find((one) => one.public);
  yield { type: "state", state: "succeeded", url: front ? urlOf(outcome, front) : null };
}

/**
 * A server that wants to stop finishes what is short. It lets go of what is long, as a build can be: that goes on by
 * itself, and is found running, or ended, by the next server, just as after a crash.
 */
function patient({ signal, drainSignal: draining }: Run, seconds: number) {
  const gone = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => gone.abort(), seconds * 1000);
  };
  if (draining.aborted) begin();
  else draining.addEventListener("abort", begin, { once: true });
  return {
    signal: AbortSignal.any([signal, gone.signal]),
    end() {
      clearTimeout(timer);
      draining.removeEventListener("abort", begin);
    },
  };
}

function settingOf(machine: Dependencies, run: Run): RunContext {
  const stack = Stack.parse(run.plan.stack);
  const secrets = [...secretsOf(run), ...stack.resources.map(({ step }) => run.deriveSecret(step))];
  return {
    machine,
    run,
    stack,
    folders: foldersOf(machine, run),
    hide: mask(secrets),
    env: (hand, own) => resolveEnv({ run, stack }, hand, own),
  };
}

/** The source and the resources side by side, the build, the jobs one by one, then everything that stays. */
function steps(setting: RunContext): ExecutableStep[] {
  const { stack } = setting;
  const resources = stack.resources.map((one) => resource(setting, one));
  let ready = ["build"];
  const built = build(setting, ["source", ...resources.map(({ name }) => name)]);
  const jobs = stack.jobs.map((one) => {
    const step = job(setting, one, ready);
    ready = [step.name];
    return step;
  });
  const services = stack.services.map((one) => service(setting, one, ready));
  const scheduled = stack.schedule.length > 0 ? [schedule(setting, ready)] : [];
  const running = [...services, ...scheduled];
  const all = running.map(({ name }) => name);
  return [source(setting), ...resources, built, ...jobs, ...running, health(setting, all.length > 0 ? all : ready)];
}

/** Ends the processes of a step, or of all, wherever their files are. */
async function stopAll(machine: Dependencies, run: Run, step?: string) {
  const { processes } = foldersOf(machine, run);
  const marker = step === undefined ? run.id : `${run.id}/${step}`;
  const places = [...run.ledger.values()].filter(({ name }) => step === undefined || name === step).flatMap(placeOf);
  const files = [`${processes}/${step === undefined ? "" : `${step}.`}`, ...places.map((place) => `${place}/`)];
  await stop(belongsTo(marker, ...files), machine.limits.graceSeconds * 1000);
}

const placeOf = ({ data }: LedgerStep) => (typeof data.place === "string" ? [data.place] : []);

export async function* remove(machine: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const { root } = foldersOf(machine, run);
  for await (const event of walkReverse(run, removeStep)) {
    if (event.type === "state" && event.state === "removed") {
      await stopAll(machine, run);
      await deleteFolder(root);
    }
    yield event;
  }

  async function removeStep(step: LedgerStep) {
    await stopAll(machine, run, step.name);
    for (const place of placeOf(step)) await deleteFolder(place);
  }
}
