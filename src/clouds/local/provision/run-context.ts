import type { Run } from "../../cloud.ts";
import type { Hand } from "../../walk.ts";
import type { Folders, Machine } from "../dependencies.ts";
import type { Stack } from "../stack.ts";

/** What every step of one deployment works with. */
export interface Setting {
  machine: Machine;
  run: Run;
  stack: Stack;
  folders: Folders;
  /** Takes the secrets out of a text. */
  hide(text: string): string;
  /** What a process of the app is told, with what only one service has. */
  env(hand: Pick<Hand, "of">, own?: Record<string, string>): Record<string, string>;
}

export const markerOf = ({ run }: Setting, step: string) => `${run.id}/${step}`;
