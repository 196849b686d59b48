import type { App } from "../../../app.ts";
import type { Line, Preset } from "../../../plan.ts";
import type { PresetSettings } from "../presets.ts";
import type { Step } from "../stack.ts";
import type { Ports } from "./run/proxy-ports.ts";
import type { NamedService } from "./run/services.ts";

/** The input of every part of the compiler. */
export interface CompileContext {
  app: App;
  region: string;
  preset: Preset;
  settings: PresetSettings;
  services: NamedService[];
  ports: Ports;
  /** Returns a unique suffix for a resource name. */
  suffix: (name: string, kind: string) => string;
  /** Returns a unique step name. */
  step: (name: string, kind: string) => string;
}

/** A part of a stack, with its price lines. */
export interface StackFragment {
  steps?: Step[];
  lines?: Line[];
}
