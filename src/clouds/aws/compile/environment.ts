import { parameters, type Resource, type Template, type Value } from "../cloudformation.ts";
import type { CompiledResource, Output } from "./compiled-resource.ts";
import type { CompileContext, TemplateFragment } from "./context.ts";
import { interpolate } from "./interpolation.ts";
import { fnIf, fnJoin, literal, noValue, ref, sub } from "./intrinsics.ts";
import type { logicalIds } from "./logical-ids.ts";
import {
  askedVariables,
  assignParameters,
  builtInParameterCount,
  equalsGenerateMarker,
  generated,
  hasDeferredDefault,
  isNotEmpty,
  isOptional,
  parameterOf,
  secretsManagerGenerator,
  sharedParameter,
} from "./parameters.ts";
import { secretsLine } from "./price-lines.ts";
import { appUrl } from "./resources/cloudfront.ts";
import { tags } from "./tags.ts";

/** A variable of every container: its value, or the secret it is read from when a task starts. */
export interface EnvEntry {
  name: string;
  value?: Value;
  valueFrom?: Value;
}

export interface Environment extends TemplateFragment {
  entries: EnvEntry[];
  /** The secrets that a starting task has to read. */
  secretArns: Value[];
  parameterVariables: Template["Metadata"]["Slipway"]["Variables"];
  sharedVariables: Template["Metadata"]["Slipway"]["More"];
  optional: string[];
}

/** What every container of the app finds around itself, and the secrets it comes from. */
export function compileEnvironment(
  setting: CompileContext,
  data: CompiledResource[],
  id: ReturnType<typeof logicalIds>,
): Environment {
  const { app, region } = setting;
  const made: Required<Pick<TemplateFragment, "resources" | "parameters" | "conditions">> = {
    resources: {},
    parameters: {},
    conditions: {},
  };
  const entries = new Map<string, EnvEntry>();
  const carried: Environment["parameterVariables"] = [];
  const more: Environment["sharedVariables"] = [];
  const optional: string[] = [];
  const readable: Value[] = [];
  const secret = (Properties: Record<string, Value>): Resource => ({
    Type: "AWS::SecretsManager::Secret",
    Properties: { ...Properties, Tags: tags(app) },
  });
  const open = appUrl(app);
  if (open !== null) entries.set("APP_URL", { name: "APP_URL", value: open });

  for (const { variable, kind } of assignParameters(askedVariables(app), builtInParameterCount)) {
    const { name } = variable;
    if (isOptional(variable)) optional.push(name);
    if (kind === "fixed") {
      if (variable.default !== null) entries.set(name, { name, value: interpolate(setting, variable.default) });
      continue;
    }
    if (kind === "more") {
      more.push({ Name: name, Default: variable.default ?? "" });
      entries.set(name, { name, valueFrom: fnJoin([ref("MoreSecret"), `:${name}::`]) });
      continue;
    }
    const base = id("Env", name);
    made.parameters[base] = parameterOf(variable);
    carried.push({
      Name: name,
      Parameter: base,
      ...(hasDeferredDefault(variable) ? { Late: variable.default ?? "" } : {}),
    });
    if (hasDeferredDefault(variable)) {
      made.conditions[`${base}Given`] = isNotEmpty(base);
      const own = interpolate(setting, variable.default ?? "");
      entries.set(name, { name, value: fnIf(`${base}Given`, ref(base), own) });
      continue;
    }
    if (!variable.secret && variable.generator === null) {
      entries.set(name, { name, value: ref(base) });
      continue;
    }
    const maker = secretsManagerGenerator(variable);
    if (maker) made.conditions[`${base}Made`] = equalsGenerateMarker(base);
    made.resources[keeper(base)] = secret(
      maker
        ? {
            SecretString: fnIf(`${base}Made`, noValue, ref(base)),
            GenerateSecretString: fnIf(`${base}Made`, generated(maker), noValue),
          }
        : { SecretString: ref(base) },
    );
    entries.set(name, { name, valueFrom: ref(keeper(base)) });
    readable.push(ref(keeper(base)));
  }
  if (more.length > 0) {
    made.parameters[parameters.more] = sharedParameter(
      Object.fromEntries(more.map(({ Name, Default }) => [Name, Default])),
    );
    made.resources.MoreSecret = secret({ SecretString: ref(parameters.more) });
    readable.push(ref("MoreSecret"));
  }

  for (const [name, text] of Object.entries(app.env ?? {}))
    entries.set(name, { name, value: interpolate(setting, text) });
  for (const { needed, tells } of data) {
    const stored = new Map<string, string>();
    for (const [name, template] of Object.entries(needed.env)) {
      const parts = filled(template, tells);
      const only = parts.length === 1 ? parts[0] : undefined;
      if (!parts.some((part) => typeof part !== "string" && part.sensitive)) {
        entries.set(name, { name, value: fnJoin(parts.map((part) => (typeof part === "string" ? part : part.value))) });
      } else if (typeof only === "object" && only.secretRef) {
        entries.set(name, { name, valueFrom: sub(`\${${only.secretRef.id}}:${only.secretRef.key}::`) });
        readable.push(ref(only.secretRef.id));
      } else {
        const kept = stored.get(template) ?? keeper(id("Env", name));
        if (!stored.has(template)) {
          stored.set(template, kept);
          const value = fnJoin(parts.map((part) => (typeof part === "string" ? part : part.value)));
          made.resources[kept] = secret({ SecretString: value });
          readable.push(ref(kept));
        }
        entries.set(name, { name, valueFrom: ref(kept) });
      }
    }
  }

  const paid = Object.keys(made.resources).length;
  const passwords = data.flatMap(({ resources }) => Object.values(resources ?? {})).filter(isSecret).length;
  return {
    step: { name: "variables", title: "Variables and secrets" },
    ...made,
    entries: [...entries.values()],
    secretArns: distinct(readable),
    parameterVariables: carried,
    sharedVariables: more,
    optional,
    lines: paid + passwords > 0 ? [secretsLine(region, paid + passwords)] : [],
  };
}

/** The secret that keeps a variable: never called like the parameter of another one, such as `TOKEN_SECRET`. */
const keeper = (base: string) => base.replace(/^Env/, "Secret");

const isSecret = ({ Type }: Resource) => Type === "AWS::SecretsManager::Secret";
const distinct = (values: Value[]) => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];

/** The texts of a template and what fills the `${...}` between them; what nobody knows is empty. */
function filled(template: string, tells: Record<string, Output>): (string | Output)[] {
  const parts = template.split(/\$\{(\w+)\}/);
  return parts
    .map((part, index) => (index % 2 === 0 ? part : (Object.hasOwn(tells, part) && tells[part]) || ""))
    .filter((part) => part !== "");
}

/** The same entries as a container definition has them. */
export function containerEnvironment(
  entries: EnvEntry[],
  own: Record<string, Value>,
): { Environment: Value; Secrets: Value } {
  const rest = entries.filter(({ name }) => !Object.hasOwn(own, name));
  return {
    Environment: [
      ...Object.entries(own).map(([name, Value]) => ({ Name: literal(name), Value })),
      ...rest.flatMap(({ name, value }) => (value === undefined ? [] : [{ Name: literal(name), Value: value }])),
    ],
    Secrets: rest.flatMap(({ name, valueFrom: from }) =>
      from === undefined ? [] : [{ Name: literal(name), ValueFrom: from }],
    ),
  };
}
