import type { Run } from "../../cloud.ts";
import type { StepContext } from "../../walk.ts";
import type { Dependencies, Folders } from "../dependencies.ts";
import type { Stack } from "../stack.ts";

/** What every step of one deployment works with. */
export interface RunContext {
  machine: Dependencies;
  run: Run;
  stack: Stack;
  folders: Folders;
  /** Takes the secrets out of a text. */
  hide(text: string): string;
  /** What a process of the app is told, with what only one service has. */
  env(hand: Pick<StepContext, "dataOf">, own?: Record<string, string>): Record<string, string>;
}

export const markerOf = ({ run }: RunContext, step: string) => `${run.id}/${step}`;
