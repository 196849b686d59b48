import type { App } from "../../../app.ts";
import type { Line, Preset } from "../../../plan.ts";
import type { PresetSettings } from "../presets.ts";
import type { Step } from "../stack.ts";
import type { Ports } from "./run/proxy-ports.ts";
import type { NamedService } from "./run/services.ts";

/** What every part of a stack is made from. */
export interface CompileContext {
  app: App;
  region: string;
  preset: Preset;
  settings: PresetSettings;
  services: NamedService[];
  ports: Ports;
  /** Part of the name of a thing, given once. */
  suffix: (name: string, kind: string) => string;
  /** The name of a step, given once. */
  step: (name: string, kind: string) => string;
}

/** A part of a stack, with what it costs. */
export interface StackFragment {
  steps?: Step[];
  lines?: Line[];
}
