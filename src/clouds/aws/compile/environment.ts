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

/** An environment variable: its value, or the secret that ECS reads when a task starts. */
export interface EnvEntry {
  name: string;
  value?: Value;
  valueFrom?: Value;
}

export interface Environment extends TemplateFragment {
  entries: EnvEntry[];
  /** The secrets that the execution role must read. */
  secretArns: Value[];
  parameterVariables: Template["Metadata"]["Slipway"]["Variables"];
  sharedVariables: Template["Metadata"]["Slipway"]["More"];
  optional: string[];
}

/** Compiles the environment of every container, with the secrets in it. */
export function compileEnvironment(
  context: CompileContext,
  resources: CompiledResource[],
  id: ReturnType<typeof logicalIds>,
): Environment {
  const { app, region } = context;
  const fragment: Required<Pick<TemplateFragment, "resources" | "parameters" | "conditions">> = {
    resources: {},
    parameters: {},
    conditions: {},
  };
  const entries = new Map<string, EnvEntry>();
  const parameterVariables: Environment["parameterVariables"] = [];
  const sharedVariables: Environment["sharedVariables"] = [];
  const optional: string[] = [];
  const secretArns: Value[] = [];
  const secret = (Properties: Record<string, Value>): Resource => ({
    Type: "AWS::SecretsManager::Secret",
    Properties: { ...Properties, Tags: tags(app) },
  });
  const ownUrl = appUrl(app);
  if (ownUrl !== null) entries.set("APP_URL", { name: "APP_URL", value: ownUrl });

  for (const { variable, kind } of assignParameters(askedVariables(app), builtInParameterCount)) {
    const { name } = variable;
    if (isOptional(variable)) optional.push(name);
    if (kind === "fixed") {
      if (variable.default !== null) entries.set(name, { name, value: interpolate(context, variable.default) });
      continue;
    }
    if (kind === "more") {
      sharedVariables.push({ Name: name, Default: variable.default ?? "" });
      entries.set(name, { name, valueFrom: fnJoin([ref("MoreSecret"), `:${name}::`]) });
      continue;
    }
    const parameterName = id("Env", name);
    fragment.parameters[parameterName] = parameterOf(variable);
    parameterVariables.push({
      Name: name,
      Parameter: parameterName,
      ...(hasDeferredDefault(variable) ? { Late: variable.default ?? "" } : {}),
    });
    if (hasDeferredDefault(variable)) {
      fragment.conditions[`${parameterName}Given`] = isNotEmpty(parameterName);
      const builtIn = interpolate(context, variable.default ?? "");
      entries.set(name, { name, value: fnIf(`${parameterName}Given`, ref(parameterName), builtIn) });
      continue;
    }
    if (!variable.secret && variable.generator === null) {
      entries.set(name, { name, value: ref(parameterName) });
      continue;
    }
    const generator = secretsManagerGenerator(variable);
    if (generator) fragment.conditions[`${parameterName}Made`] = equalsGenerateMarker(parameterName);
    fragment.resources[secretId(parameterName)] = secret(
      generator
        ? {
            SecretString: fnIf(`${parameterName}Made`, noValue, ref(parameterName)),
            GenerateSecretString: fnIf(`${parameterName}Made`, generated(generator), noValue),
          }
        : { SecretString: ref(parameterName) },
    );
    entries.set(name, { name, valueFrom: ref(secretId(parameterName)) });
    secretArns.push(ref(secretId(parameterName)));
  }
  if (sharedVariables.length > 0) {
    fragment.parameters[parameters.more] = sharedParameter(
      Object.fromEntries(sharedVariables.map(({ Name, Default }) => [Name, Default])),
    );
    fragment.resources.MoreSecret = secret({ SecretString: ref(parameters.more) });
    secretArns.push(ref("MoreSecret"));
  }

  for (const [name, text] of Object.entries(app.env ?? {}))
    entries.set(name, { name, value: interpolate(context, text) });
  for (const { resource, attributes } of resources) {
    const secretByTemplate = new Map<string, string>();
    for (const [name, template] of Object.entries(resource.env)) {
      const parts = splitTemplate(template, attributes);
      const singlePart = parts.length === 1 ? parts[0] : undefined;
      if (!parts.some((part) => typeof part !== "string" && part.sensitive)) {
        entries.set(name, { name, value: fnJoin(parts.map((part) => (typeof part === "string" ? part : part.value))) });
      } else if (typeof singlePart === "object" && singlePart.secretRef) {
        entries.set(name, { name, valueFrom: sub(`\${${singlePart.secretRef.id}}:${singlePart.secretRef.key}::`) });
        secretArns.push(ref(singlePart.secretRef.id));
      } else {
        const secretName = secretByTemplate.get(template) ?? secretId(id("Env", name));
        if (!secretByTemplate.has(template)) {
          secretByTemplate.set(template, secretName);
          const value = fnJoin(parts.map((part) => (typeof part === "string" ? part : part.value)));
          fragment.resources[secretName] = secret({ SecretString: value });
          secretArns.push(ref(secretName));
        }
        entries.set(name, { name, valueFrom: ref(secretName) });
      }
    }
  }

  const createdSecrets = Object.keys(fragment.resources).length;
  const passwords = resources.flatMap(({ resources }) => Object.values(resources ?? {})).filter(isSecret).length;
  return {
    step: { name: "variables", title: "Variables and secrets" },
    ...fragment,
    entries: [...entries.values()],
    secretArns: distinct(secretArns),
    parameterVariables,
    sharedVariables,
    optional,
    lines: createdSecrets + passwords > 0 ? [secretsLine(region, createdSecrets + passwords)] : [],
  };
}

/**
 * Returns the logical id of a variable's secret. It never equals another variable's parameter, such as that of
 * `TOKEN_SECRET`.
 */
const secretId = (parameterName: string) => parameterName.replace(/^Env/, "Secret");

const isSecret = ({ Type }: Resource) => Type === "AWS::SecretsManager::Secret";
const distinct = (values: Value[]) => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];

/** Splits a template into its literal parts and the outputs that replace `${...}`. Unknown ones become empty. */
function splitTemplate(template: string, attributes: Record<string, Output>): (string | Output)[] {
  const parts = template.split(/\$\{(\w+)\}/);
  return parts
    .map((part, index) => (index % 2 === 0 ? part : (Object.hasOwn(attributes, part) && attributes[part]) || ""))
    .filter((part) => part !== "");
}

/** Returns the entries as a container definition takes them. */
export function containerEnvironment(
  entries: EnvEntry[],
  builtIn: Record<string, Value>,
): { Environment: Value; Secrets: Value } {
  const inherited = entries.filter(({ name }) => !Object.hasOwn(builtIn, name));
  return {
    Environment: [
      ...Object.entries(builtIn).map(([name, Value]) => ({ Name: literal(name), Value })),
      ...inherited.flatMap(({ name, value }) => (value === undefined ? [] : [{ Name: literal(name), Value: value }])),
    ],
    Secrets: inherited.flatMap(({ name, valueFrom: secretArn }) =>
      secretArn === undefined ? [] : [{ Name: literal(name), ValueFrom: secretArn }],
    ),
  };
}
