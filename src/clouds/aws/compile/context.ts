import type { App } from "../../../app.ts";
import type { Line, Preset } from "../../../plan.ts";
import type { Parameter, Property, Resource, Template } from "../cloudformation.ts";
import type { PresetSettings } from "../presets.ts";
import type { NamedService } from "./ecs/services.ts";

/** The inputs of every part of a template. */
export interface CompileContext {
  app: App;
  region: string;
  preset: Preset;
  settings: PresetSettings;
  services: NamedService[];
}

/** A part of a template with its cost. A `step` is a line in the visitor's progress. */
export interface TemplateFragment {
  step?: { name: string; title: string };
  resources?: Record<string, Resource>;
  parameters?: Record<string, Parameter>;
  conditions?: Record<string, Property>;
  rules?: Record<string, Property>;
  outputs?: Template["Outputs"];
  lines?: Line[];
}

/** Merges records. Throws if a name occurs twice, which is a bug of ours. */
export function mergeUnique<T>(records: (Record<string, T> | undefined)[]): Record<string, T> {
  const all: Record<string, T> = {};
  for (const record of records)
    for (const [name, value] of Object.entries(record ?? {})) {
      if (Object.hasOwn(all, name)) throw new Error(`Two parts of the template are called ${name}`);
      all[name] = value;
    }
  return all;
}
