import type { StepState } from "../../../plan.ts";
import { type DeploymentEvent, type LedgerData, OperationalError, type Run } from "../../cloud.ts";
import { stackName, type Template } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { parseAccess, type RoleAccess } from "../role-access.ts";
import { roleResources } from "../role-names.ts";
import { type AccountClients, accountClients } from "./api/clients.ts";
import { toOperationalError } from "./api/error-advice.ts";
import { provisionSessionPolicy } from "./session-policy.ts";

/** Everything one run works with. */
export interface RunContext {
  dependencies: Dependencies;
  run: Run;
  access: RoleAccess;
  clients: AccountClients;
  template: Template;
  /** The stack name, unique to this deployment. */
  name: string;
  ledger: LedgerView;
  /** Aborted when the visitor or the server wants to stop. */
  signal: AbortSignal;
}

/** A view of the ledger that includes the events of this run. */
export interface LedgerView {
  state(step: string): StepState;
  data(step: string): LedgerData;
  /** Returns the event that stores the new state. */
  step(name: string, state: StepState, changes?: { message?: string; data?: LedgerData }): DeploymentEvent;
  lines(step: string, lines: string[], data?: LedgerData): DeploymentEvent;
}

export function createRunContext(dependencies: Dependencies, run: Run): RunContext {
  const access = parseAccess(run.access);
  const template = run.plan.stack as unknown as Template;
  const name = stackName(run.app.slug, run.id);
  return {
    dependencies,
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

/** Converts an error of AWS; null if it only reports that the run was aborted. Throws our own bugs. */
export function toOperationalErrorUnlessAborted(
  { run }: Pick<RunContext, "run">,
  error: unknown,
): OperationalError | null {
  if ([run.signal, run.drainSignal].some((signal) => signal.aborted && signal.reason === error)) return null;
  const operationalError = toOperationalError(error);
  if (!(operationalError instanceof OperationalError)) throw operationalError;
  return operationalError;
}
