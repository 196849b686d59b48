import type { StepState } from "../../../plan.ts";
import { type Data, type Event, Refusal, type Run } from "../../cloud.ts";
import { lentOf } from "../access/connect.ts";
import { runPolicy } from "../access/session-policies.ts";
import { stackName, type Template } from "../cloudformation.ts";
import type { Lent, World } from "../dependencies.ts";
import { belongings } from "../role-names.ts";
import { type Account, account } from "./api/clients.ts";
import { refusalOf } from "./api/error-advice.ts";

/** One run, with what it works with. */
export interface Setting {
  world: World;
  run: Run;
  lent: Lent;
  account: Account;
  template: Template;
  /** The stack's name; only this deployment has it. */
  name: string;
  book: Book;
  /** Aborted when there is a reason to stop waiting: the visitor's, or the server's. */
  stop: AbortSignal;
}

/** The ledger as it is while we write to it. */
export interface Book {
  state(step: string): StepState;
  data(step: string): Data;
  /** The event that writes this down. */
  step(name: string, state: StepState, more?: { message?: string; data?: Data }): Event;
  lines(step: string, lines: string[], data?: Data): Event;
}

export function settingOf(world: World, run: Run): Setting {
  const lent = lentOf(run.access);
  const template = run.plan.stack as unknown as Template;
  const name = stackName(run.app.slug, run.id);
  return {
    world,
    run,
    lent,
    account: account(world, run.plan.region, lent, {
      policy: runPolicy(name, belongings(lent)),
      name: `slipway-${run.id}`,
    }),
    template,
    name,
    book: bookOf(run.ledger),
    stop: AbortSignal.any([run.signal, run.draining]),
  };
}

export function bookOf(ledger: Run["ledger"]): Book {
  const all = new Map([...ledger].map(([name, { state, data }]) => [name, { state, data: { ...data } }]));
  const of = (name: string) => all.get(name) ?? { state: "waiting" as const, data: {} };
  const write = (name: string, state: StepState, more: Data = {}) => {
    const data = { ...of(name).data, ...more };
    all.set(name, { state, data });
    return data;
  };
  return {
    state: (name) => of(name).state,
    data: (name) => of(name).data,
    step: (name, state, { message, data } = {}) => ({
      type: "step",
      name,
      state,
      message,
      data: write(name, state, data),
    }),
    lines: (step, lines, data) => ({ type: "log", step, lines, data: write(step, of(step).state, data) }),
  };
}

/** What AWS refuses us, behind an error; null when it only says that we were asked to stop. Throws what is our bug. */
export function refusalIn({ run }: Pick<Setting, "run">, error: unknown): Refusal | null {
  if ([run.signal, run.draining].some((signal) => signal.aborted && signal.reason === error)) return null;
  const refusal = refusalOf(error);
  if (!(refusal instanceof Refusal)) throw refusal;
  return refusal;
}
