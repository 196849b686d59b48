import type { Generator, Variable } from "../../app.ts";
import type { Merged } from "../format.ts";
import { isEnvName, variable } from "../infer/variable.ts";
import { referencesIn } from "../references.ts";
import { outputs } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import type { Tree } from "../syntax/tree.ts";
import type { Cloud } from "./schema.ts";

/** Locates keys for notes. */
export interface SourceLocation {
  report: Diagnostics;
  at(...path: string[]): Tree;
}

const lengths: Record<Generator["kind"], number> = { hex: 64, base64: 64, uuid: 36, password: 32 };

/** Applies `cloud.env`. Values with `${…}` are resolved by the cloud; visitors are asked for the others. */
export function refineEnv(all: Merged, specs: NonNullable<Cloud["env"]>, location: SourceLocation): Merged {
  let variables = [...all.variables];
  const env = { ...all.env };
  const resources = all.resources.map((resource) => ({ ...resource, env: { ...resource.env } }));
  for (const [name, entry] of Object.entries(specs)) {
    const where = location.at("env", name);
    if (!isEnvName(name)) {
      location.report.problem(
        where,
        `\`${short(name)}\` cannot be the name of an environment variable.`,
        "Use letters, digits and underscores.",
      );
      continue;
    }
    const spec = typeof entry === "object" ? entry : { value: entry };
    const value = spec.value === undefined ? undefined : String(spec.value);
    if (value !== undefined && /(?<!\$)(?:\$\$)*\$\{/.test(value)) {
      variables = variables.filter((candidate) => candidate.name !== name);
      const owner = /^(?:[^$]|\$\$|\$\{resource\.([\w-]+)\.\w+\})*$/.test(value) ? onlyResource(value) : null;
      const target = resources.find((resource) => resource.name === owner);
      if (!checkReferences(value, all, location, name)) continue;
      if (target) target.env[name] = value.replace(/\$\{resource\.[\w-]+\.(\w+)\}/g, "$${$1}");
      else env[name] = value;
      continue;
    }
    const existing = variables.find((candidate) => candidate.name === name);
    const refined = refineVariable(name, existing, spec, value?.replaceAll("$$", "$"));
    variables = existing
      ? variables.map((candidate) => (candidate === existing ? refined : candidate))
      : [...variables, refined];
  }
  return { ...all, variables, resources, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

type VariableSpec = Exclude<NonNullable<Cloud["env"]>[string], string | number | boolean>;

function refineVariable(
  name: string,
  existing: Variable | undefined,
  spec: VariableSpec,
  value: string | undefined,
): Variable {
  const kind = spec.generator;
  const generator = kind && {
    kind,
    length: kind === "uuid" ? lengths.uuid : (spec.length ?? lengths[kind]),
    ...(spec.alphabet && kind === "password" ? { alphabet: spec.alphabet } : {}),
  };
  const refined = variable(name, {
    description: spec.description ?? existing?.description ?? "",
    value: value ?? existing?.default ?? undefined,
    required: spec.required ?? existing?.required,
    secret: spec.secret ?? (existing?.secret || undefined),
    type: spec.type,
    options: spec.options ?? existing?.options ?? null,
    generator: generator ?? existing?.generator ?? null,
  });
  return { ...refined, placeholder: spec.placeholder ?? refined.placeholder ?? existing?.placeholder ?? null };
}

/** Returns the only resource that a value refers to; null if there are several or none. */
function onlyResource(value: string): string | null {
  const names = new Set([...value.matchAll(/\$\{resource\.([\w-]+)\./g)].map(([, name]) => name));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

/** Reports references to outputs that do not exist; returns whether all are valid. */
function checkReferences(value: string, all: Merged, location: SourceLocation, name: string): boolean {
  let isValid = true;
  for (const reference of referencesIn(value)) {
    const [kind = "", target = "", output = ""] = reference.split(".");
    const resource = all.resources.find((resource) => resource.name === target);
    const resolves =
      ["app.url", "app.host", "app.name", "region", "cloud"].includes(reference) ||
      (kind === "resource" && resource !== undefined && outputs[resource.type].includes(output)) ||
      (kind === "service" &&
        all.services.some((service) => service.name === target) &&
        ["host", "port", "url"].includes(output));
    if (resolves) continue;
    isValid = false;
    const fix =
      "Write `${app.url}`, `${app.host}`, `${region}`, `${cloud}`, `${resource.NAME.url}` or `${service.NAME.host}`; `$$` is a plain dollar.";
    location.report.problem(location.at("env", name), `There is no \`\${${short(reference)}}\` here.`, fix);
  }
  return isValid;
}
