import type { App, Override } from "../../app.ts";
import { optionsOf } from "./resources.ts";
import type { Cloud } from "./schema.ts";
import { scaleOf, sizeOf } from "./services.ts";

/** Returns what `cloud.providers` says for single clouds; undefined if it says nothing. */
export function overridesOf({ providers }: Cloud): App["overrides"] {
  if (providers === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(providers).map(([id, { supported, services, resources, ...options }]) => {
      const override: Override = {};
      if (supported !== undefined) override.supported = supported;
      if (services) {
        const entries = Object.entries(services).map(([name, spec]) => {
          const { cpu: _cpu, memory: _memory, size: _size, scale, ...rest } = spec;
          const size = sizeOf(spec);
          const scaled = scale === undefined ? {} : { scale: scaleOf(scale, { min: 1, max: 1 }) };
          return [name, { ...rest, ...scaled, ...(size ? { size } : {}) }];
        });
        override.services = Object.fromEntries(entries);
      }
      if (resources) {
        const entries = Object.entries(resources).map(([name, spec]) => {
          const options = optionsOf(spec);
          const version = spec.version === undefined ? {} : { version: String(spec.version) };
          const extra = Object.keys(options).length > 0 ? { options: options } : {};
          return [name, { ...version, ...(spec.size ? { size: spec.size } : {}), ...extra }];
        });
        override.resources = Object.fromEntries(entries);
      }
      if (Object.keys(options).length > 0) override.options = options as NonNullable<Override["options"]>;
      return [id, override];
    }),
  );
}
