import type { Run } from "../../cloud.ts";
import type { StepContext } from "../../walk.ts";
import type { Dependencies, Folders } from "../dependencies.ts";
import type { Stack } from "../stack.ts";

/** Shared by every step of one deployment. */
export interface RunContext {
  machine: Dependencies;
  run: Run;
  stack: Stack;
  folders: Folders;
  /** Masks the deployment's secrets in a text. */
  hide(text: string): string;
  /** Returns the variables of a process of the app; `overrides` are those that only one service has. */
  env(ledger: Pick<StepContext, "dataOf">, overrides?: Record<string, string>): Record<string, string>;
}

/** The value of `SLIPWAY_PROCESS` in the processes of a step. */
export const markerOf = ({ run }: Pick<RunContext, "run">, step: string) => `${run.id}/${step}`;
