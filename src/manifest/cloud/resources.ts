import type { Resource, ResourceType } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { referencesIn } from "../references.ts";
import { defaultEnv, outputs, resource } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import type { Tree } from "../syntax/tree.ts";
import type { Cloud } from "./schema.ts";
import type { SourceLocation } from "./variables.ts";

type Options = NonNullable<Resource["options"]>;

/** Flattens the options of a resource: `backup.retain`. */
export function optionsOf(spec: Record<string, unknown>): Options {
  const options: Options = {};
  for (const [key, value] of Object.entries(spec)) {
    if (["type", "version", "size", "env"].includes(key) || value === undefined) continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [option, nested] of Object.entries(value))
        if (nested !== undefined) options[`${key}.${option}`] = nested as Options[string];
    } else options[key] = value as Options[string];
  }
  return options;
}

/** Returns the resources, as `cloud.resources` refines them. */
export function refineResources(existing: readonly Resource[], cloud: Cloud, location: SourceLocation): Resource[] {
  let resources: Resource[] = existing.map((current) => ({ ...current, env: { ...current.env } }));
  const entries = Object.entries(cloud.resources ?? {});
  for (const [name, spec] of entries) {
    const isOnlyOfType =
      spec.type !== undefined && entries.filter(([, other]) => other.type === spec.type).length === 1;
    const sameType = resources.filter(({ type }) => type === spec.type);
    const existing =
      resources.find((candidate) => candidate.name === name) ??
      (isOnlyOfType && sameType.length === 1 ? sameType[0] : undefined);
    const type = spec.type ?? existing?.type;
    if (type === undefined) {
      location.report.problem(
        location.at("resources", name),
        `\`resources.${name}\` has no \`type\`.`,
        'Write `"type": "postgres"` or the like.',
      );
      continue;
    }
    for (const [key, value] of Object.entries(spec.env ?? {}))
      checkOutputs(value, type, location.at("resources", name, "env", key), location.report);
    const options = optionsOf(spec);
    const taken = resources.flatMap((candidate) => (candidate === existing ? [] : Object.keys(candidate.env)));
    const first = !Object.keys(defaultEnv(type)).some((key) => taken.includes(key));
    const base = existing ?? resource(type, [], { name, env: {} });
    const defaults = first ? defaultEnv(type) : prefixedEnv(name, type);
    const inherited = existing ? existing.env : spec.env ? remainingDefaults(defaults, spec.env) : defaults;
    const refined: Resource = {
      name,
      type,
      version: spec.version === undefined ? base.version : String(spec.version),
      size: spec.size ?? base.size,
      env: { ...inherited, ...spec.env },
      ...(base.options || Object.keys(options).length > 0 ? { options: { ...base.options, ...options } } : {}),
    };
    resources = existing
      ? resources.map((candidate) => (candidate === existing ? refined : candidate))
      : [...resources, refined];
  }
  return resources;
}

/** Prefixes the variables of a second resource with its name, so that it does not replace the first one. */
const prefixedEnv = (name: string, type: ResourceType): Record<string, string> => {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  return outputs[type].includes("url") ? { [`${prefix}_URL`]: "${url}" } : {};
};

/** Returns the default variables whose outputs the manifest does not bind itself. */
function remainingDefaults(defaults: Record<string, string>, spec: Record<string, string>): Record<string, string> {
  const entries = Object.entries(defaults);
  if (entries.length === 1 && Object.keys(spec).length > 0) return {};
  return Object.fromEntries(entries.filter(([, output]) => !Object.values(spec).some((text) => text.includes(output))));
}

function checkOutputs(value: string, type: ResourceType, where: Tree, report: Diagnostics): void {
  for (const output of referencesIn(value)) {
    if (outputs[type].includes(output)) continue;
    const match = closestMatch(output, outputs[type]);
    const fix = match
      ? `Did you mean \`\${${match}}\`?`
      : `Write one of ${outputs[type].map((name) => `\`\${${name}}\``).join(", ")}.`;
    report.problem(where, `A ${type} resource has no \`\${${short(output)}}\`.`, fix);
  }
}
