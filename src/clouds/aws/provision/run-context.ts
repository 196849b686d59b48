import type { StepState } from "../../../plan.ts";
import { type DeploymentEvent, type LedgerData, OperationalError, type Run } from "../../cloud.ts";
import { stackName, type Template } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { parseAccess, type RoleAccess } from "../role-access.ts";
import { roleResources } from "../role-names.ts";
import { type AccountClients, accountClients } from "./api/clients.ts";
import { toOperationalError } from "./api/error-advice.ts";
import { provisionSessionPolicy } from "./session-policy.ts";

/** One run, with what it works with. */
export interface RunContext {
  world: Dependencies;
  run: Run;
  access: RoleAccess;
  clients: AccountClients;
  template: Template;
  /** The stack's name; only this deployment has it. */
  name: string;
  ledger: LedgerView;
  /** Aborted when there is a reason to stop waiting: the visitor's, or the server's. */
  signal: AbortSignal;
}

/** The ledger as it is while we write to it. */
export interface LedgerView {
  state(step: string): StepState;
  data(step: string): LedgerData;
  /** The event that writes this down. */
  step(name: string, state: StepState, changes?: { message?: string; data?: LedgerData }): DeploymentEvent;
  lines(step: string, lines: string[], data?: LedgerData): DeploymentEvent;
}

export function createRunContext(dependencies: Dependencies, run: Run): RunContext {
  const access = parseAccess(run.access);
  const template = run.plan.stack as unknown as Template;
  const name = stackName(run.app.slug, run.id);
  return {
    world: dependencies,
    run,
    access,
    clients: accountClients(dependencies, run.plan.region, access, {
      policy: provisionSessionPolicy(name, roleResources(access)),
      name: `slipway-${run.id}`,
    }),
    template,
    name,
    ledger: createLedgerView(run.ledger),
    signal: AbortSignal.any([run.signal, run.drainSignal]),
  };
}

export function createLedgerView(ledger: Run["ledger"]): LedgerView {
  const entries = new Map([...ledger].map(([name, { state, data }]) => [name, { state, data: { ...data } }]));
  const entryOf = (name: string) => entries.get(name) ?? { state: "waiting" as const, data: {} };
  const write = (name: string, state: StepState, changes: LedgerData = {}) => {
    const data = { ...entryOf(name).data, ...changes };
    entries.set(name, { state, data });
    return data;
  };
  return {
    state: (name) => entryOf(name).state,
    data: (name) => entryOf(name).data,
    step: (name, state, { message, data } = {}) => ({
      type: "step",
      name,
      state,
      message,
      data: write(name, state, data),
    }),
    lines: (step, lines, data) => ({ type: "log", step, lines, data: write(step, entryOf(step).state, data) }),
  };
}

/** What AWS refuses us, behind an error; null when it only says that we were asked to stop. Throws what is our bug. */
export function toOperationalErrorUnlessAborted(
  { run }: Pick<RunContext, "run">,
  error: unknown,
): OperationalError | null {
  if ([run.signal, run.drainSignal].some((signal) => signal.aborted && signal.reason === error)) return null;
  const operationalError = toOperationalError(error);
  if (!(operationalError instanceof OperationalError)) throw operationalError;
  return operationalError;
}
