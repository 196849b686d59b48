import type { Generator, Variable } from "../../app.ts";
import type { Merged } from "../format.ts";
import { isEnvName, variable } from "../infer/variable.ts";
import { outputs } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import type { Tree } from "../syntax/tree.ts";
import type { Cloud } from "./schema.ts";

/** Where things are said, for the notes. */
export interface SourceLocation {
  report: Diagnostics;
  at(...path: string[]): Tree;
}

const lengths: Record<Generator["kind"], number> = { hex: 64, base64: 64, uuid: 36, password: 32 };

/** `cloud.env`: values with `${…}` in them are filled in, others are what the visitor is asked for. */
export function refineEnv(all: Merged, said: NonNullable<Cloud["env"]>, spot: SourceLocation): Merged {
  let variables = [...all.variables];
  const env = { ...all.env };
  const resources = all.resources.map((one) => ({ ...one, env: { ...one.env } }));
  for (const [name, entry] of Object.entries(said)) {
    const where = spot.at("env", name);
    if (!isEnvName(name)) {
      spot.report.problem(
        where,
        `\`${short(name)}\` cannot be the name of an environment variable.`,
        "Use letters, digits and underscores.",
      );
      continue;
    }
    const asked = typeof entry === "object" ? entry : { value: entry };
    const value = asked.value === undefined ? undefined : String(asked.value);
    if (value !== undefined && /(?<!\$)(?:\$\$)*\$\{/.test(value)) {
      variables = variables.filter((one) => one.name !== name);
      const own = /^(?:[^$]|\$\$|\$\{resource\.([\w-]+)\.\w+\})*$/.test(value) ? onlyResource(value) : null;
      const target = resources.find((one) => one.name === own);
      if (!known(value, all, spot, name)) continue;
      if (target) target.env[name] = value.replace(/\$\{resource\.[\w-]+\.(\w+)\}/g, "$${$1}");
      else env[name] = value;
      continue;
    }
    const before = variables.find((one) => one.name === name);
    const fresh = refined(name, before, asked, value?.replaceAll("$$", "$"));
    variables = before ? variables.map((one) => (one === before ? fresh : one)) : [...variables, fresh];
  }
  return { ...all, variables, resources, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

type Asked = Exclude<NonNullable<Cloud["env"]>[string], string | number | boolean>;

function refined(name: string, before: Variable | undefined, said: Asked, value: string | undefined): Variable {
  const kind = said.generator;
  const generator = kind && {
    kind,
    length: kind === "uuid" ? lengths.uuid : (said.length ?? lengths[kind]),
    ...(said.alphabet && kind === "password" ? { alphabet: said.alphabet } : {}),
  };
  const fresh = variable(name, {
    description: said.description ?? before?.description ?? "",
    value: value ?? before?.default ?? undefined,
    required: said.required ?? before?.required,
    secret: said.secret ?? (before?.secret || undefined),
    type: said.type,
    options: said.options ?? before?.options ?? null,
    generator: generator ?? before?.generator ?? null,
  });
  return { ...fresh, placeholder: said.placeholder ?? fresh.placeholder ?? before?.placeholder ?? null };
}

/** The one resource whose outputs a value is made of. */
function onlyResource(value: string): string | null {
  const names = new Set([...value.matchAll(/\$\{resource\.([\w-]+)\./g)].map(([, name]) => name));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

/** Whether everything in `${…}` is something there is. */
function known(value: string, all: Merged, spot: SourceLocation, name: string): boolean {
  let fine = true;
  for (const [, inner = ""] of value.replaceAll("$$", "").matchAll(/\$\{([^}]*)\}/g)) {
    const [head = "", who = "", what = ""] = inner.split(".");
    const one = all.resources.find((resource) => resource.name === who);
    const right =
      ["app.url", "app.host", "app.name", "region", "cloud"].includes(inner) ||
      (head === "resource" && one !== undefined && outputs[one.type].includes(what)) ||
      (head === "service" &&
        all.services.some((service) => service.name === who) &&
        ["host", "port", "url"].includes(what));
    if (right) continue;
    fine = false;
    const fix =
      "Write `${app.url}`, `${app.host}`, `${region}`, `${cloud}`, `${resource.NAME.url}` or `${service.NAME.host}`; `$$` is a plain dollar.";
    spot.report.problem(spot.at("env", name), `There is no \`\${${short(inner)}}\` here.`, fix);
  }
  return fine;
}
