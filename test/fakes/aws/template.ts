import { AwsError } from "./protocol.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  Properties?: Record<string, Json>;
}
interface Parameter {
  Type: string;
  Default?: string;
  NoEcho?: boolean;
  AllowedPattern?: string;
  AllowedValues?: string[];
  MinLength?: number;
}
export interface Template {
  Parameters?: Record<string, Parameter>;
  Conditions?: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Description?: string; Value: Json; Condition?: string }>;
}

const sections = new Set(
  "AWSTemplateFormatVersion Description Metadata Parameters Rules Mappings Conditions Transform Hooks Resources Outputs".split(
    " ",
  ),
);
const attributes = new Set(
  "Type Condition DependsOn DeletionPolicy UpdateReplacePolicy CreationPolicy UpdatePolicy Metadata Properties".split(
    " ",
  ),
);
const malformed = (reason: string) => new AwsError("ValidationError", `Template format error: ${reason}`);

/** Parses a template as CloudFormation does before it starts: structure, references, circular dependencies. */
export function readTemplate(text: string): Template {
  let template: Template;
  try {
    template = JSON.parse(text);
  } catch {
    throw malformed("JSON not well-formed.");
  }
  const unknownSections = Object.keys(template).filter((key) => !sections.has(key));
  if (unknownSections.length > 0)
    throw new AwsError("ValidationError", `Invalid template property or properties [${unknownSections}]`);
  const { Resources = {}, Parameters = {}, Conditions = {}, Outputs = {} } = template;
  if (Object.keys(Resources).length === 0) throw malformed("At least one Resources member must be defined.");
  for (const [id, resource] of Object.entries(Resources)) {
    if (!/^[A-Za-z0-9]+$/.test(id)) throw malformed(`Resource name ${id} is non alphanumeric.`);
    if (!/^(AWS::\w+::\w+|Custom::[\w@-]+)$/.test(resource.Type ?? ""))
      throw malformed(`Unrecognized resource types: [${resource.Type}]`);
    const unknownAttributes = Object.keys(resource).filter((key) => !attributes.has(key));
    if (unknownAttributes.length > 0) throw malformed(`Invalid template resource property '${unknownAttributes[0]}'`);
    if (resource.Condition && !(resource.Condition in Conditions))
      throw malformed(`Template error: resource ${id} names the condition ${resource.Condition}, which is not defined`);
  }
  const names = new Set([...Object.keys(Resources), ...Object.keys(Parameters)]);
  const unknown = [...new Set(mentions({ Resources, Outputs }))].filter(
    (name) => !names.has(name) && !name.startsWith("AWS::"),
  );
  if (unknown.length > 0)
    throw malformed(`Unresolved resource dependencies [${unknown.join(", ")}] in the Resources block of the template`);
  order(template);
  return template;
}

/** Returns every name that a value refers to. */
function mentions(value: unknown, localNames: ReadonlySet<string> = new Set()): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => mentions(item, localNames));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, resolveInner]) => {
    if (key === "Ref" && typeof resolveInner === "string") return [resolveInner];
    if (key === "DependsOn") return [resolveInner].flat() as string[];
    if (key === "Fn::GetAtt")
      return [
        typeof resolveInner === "string" ? (resolveInner.split(".")[0] ?? "") : ((resolveInner as string[])[0] ?? ""),
      ];
    if (key === "Fn::Sub") {
      const [text, more = {}] = (Array.isArray(resolveInner) ? resolveInner : [resolveInner]) as [string, object?];
      const local = new Set(Object.keys(more));
      const references = [...text.matchAll(/\$\{(?!!)([^}]+)\}/g)].map(([, name = ""]) => name.split(".")[0] ?? "");
      return [...references.filter((name) => !local.has(name)), ...mentions(more)];
    }
    return mentions(resolveInner);
  });
}

const dependenciesByTemplate = new WeakMap<Template, Map<string, Set<string>>>();

/** Returns the dependencies of each resource. Throws if they are circular. */
export function order(template: Template): Map<string, Set<string>> {
  const dependencies = dependenciesByTemplate.get(template) ?? dependenciesOf(template);
  dependenciesByTemplate.set(template, dependencies);
  return dependencies;
}

function dependenciesOf({ Resources }: Template): Map<string, Set<string>> {
  const dependencies = new Map(
    Object.entries(Resources).map(([id, resource]) => [
      id,
      new Set(mentions(resource).filter((name) => name in Resources)),
    ]),
  );
  const done = new Set<string>();
  for (let more = true; more; ) {
    more = false;
    for (const [id, needs] of dependencies)
      if (!done.has(id) && [...needs].every((need) => done.has(need))) {
        done.add(id);
        more = true;
      }
  }
  const cycle = [...dependencies.keys()].filter((id) => !done.has(id));
  if (cycle.length > 0)
    throw new AwsError("ValidationError", `Circular dependency between resources: [${cycle.join(", ")}]`);
  return dependencies;
}

/** Returns the values of all parameters. Throws if one is invalid. */
export function parametersOf({ Parameters = {} }: Template, values: Record<string, string>): Record<string, string> {
  const invalid = (reason: string) => new AwsError("ValidationError", reason);
  const unknown = Object.keys(values).filter((key) => !(key in Parameters));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  const missing = Object.entries(Parameters).filter(
    ([key, { Default }]) => values[key] === undefined && Default === undefined,
  );
  if (missing.length > 0) throw invalid(`Parameters: [${missing.map(([key]) => key).join(", ")}] must have values`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([key, { Default = "", AllowedPattern, AllowedValues, MinLength }]) => {
      const value = values[key] ?? `${Default}`;
      if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
        throw invalid(`Parameter ${key} failed to satisfy constraint: must match pattern ${AllowedPattern}`);
      if (AllowedValues && !AllowedValues.map(String).includes(value))
        throw invalid(`Template error: Parameter '${key}' must be one of AllowedValues`);
      if (MinLength !== undefined && value.length < MinLength)
        throw invalid(`Parameter ${key} failed to satisfy constraint: must contain at least ${MinLength} characters`);
      if (Buffer.byteLength(value) > 4096)
        throw invalid(
          `1 validation error detected: Value at 'parameters.${key}.member.parameterValue' failed to satisfy constraint: Member must have length less than or equal to 4096`,
        );
      return [key, value];
    }),
  );
}

/** Returns the required capability: CAPABILITY_NAMED_IAM if a role or policy has a fixed name. */
export function capabilityOf({ Resources }: Template): "CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM" | null {
  const iam = Object.values(Resources).filter(({ Type }) =>
    /^AWS::IAM::(Role|ManagedPolicy|Policy|User|Group|InstanceProfile)$/.test(Type),
  );
  if (iam.length === 0) return null;
  const hasCustomName = iam.some(
    ({ Properties = {} }) => "RoleName" in Properties || "ManagedPolicyName" in Properties,
  );
  return hasCustomName ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
}

export interface Values {
  /** Resolves a parameter, a pseudo parameter or a resource's physical id. */
  ref(name: string): string;
  att(id: string, attribute: string): string;
  condition(name: string): boolean;
}

export function resolver(
  template: Template,
  parameters: Record<string, string>,
  at: Pick<Values, "ref" | "att">,
): Values {
  const values: Values = {
    ref: (name) => parameters[name] ?? at.ref(name),
    att: at.att,
    condition(name) {
      const condition = template.Conditions?.[name];
      if (condition === undefined) throw malformed(`Unresolved condition ${name}`);
      return resolve(condition, values) === true;
    },
  };
  return values;
}

const noValue = Symbol("AWS::NoValue");
type Resolved = Json | typeof noValue;

/** Resolves the intrinsic functions in a value. */
export function resolve(value: Json, values: Values): Json {
  const resolved = resolveInner(value, values);
  return resolved === noValue ? null : resolved;
}

function resolveInner(value: Json, values: Values): Resolved {
  if (Array.isArray(value))
    return value.map((item) => resolveInner(item, values)).filter((item) => item !== noValue) as Json[];
  if (typeof value !== "object" || value === null) return value;
  const [[name = "", argument = null] = [], ...otherEntries] = Object.entries(value);
  if (otherEntries.length === 0 && (name === "Ref" || name === "Condition" || name.startsWith("Fn::")))
    return intrinsic(name, argument, values, value);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const resolved = resolveInner(item, values);
      return resolved === noValue ? [] : [[key, resolved]];
    }),
  ) as Json;
}

function intrinsic(name: string, argument: Json, values: Values, original: Json): Resolved {
  const resolveValue = (item: Json | undefined): Json => resolve(item ?? null, values);
  const args = (Array.isArray(argument) ? argument : [argument]) as Json[];
  const texts = (item: Json | undefined): string[] => {
    const resolved = resolveValue(item);
    return Array.isArray(resolved) ? resolved.map(String) : `${resolved}`.split(",");
  };
  switch (name) {
    case "Ref":
      return argument === "AWS::NoValue" ? noValue : values.ref(`${argument}`);
    case "Fn::GetAtt": {
      const [id = "", ...path] = typeof argument === "string" ? argument.split(".") : args.map(String);
      return values.att(id, path.join("."));
    }
    case "Fn::Sub": {
      const [text, more] = args as [string, Record<string, Json>?];
      return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, key: string) => {
        if (literal) return `\${${key}}`;
        if (more && key in more) return `${resolveValue(more[key])}`;
        const [id = "", ...path] = key.split(".");
        return path.length > 0 ? values.att(id, path.join(".")) : values.ref(key);
      });
    }
    case "Fn::Join":
      return texts(args[1]).join(`${args[0]}`);
    case "Fn::If":
      return resolveInner((values.condition(`${args[0]}`) ? args[1] : args[2]) ?? null, values);
    case "Fn::Equals":
      return JSON.stringify(resolveValue(args[0])) === JSON.stringify(resolveValue(args[1]));
    case "Fn::Not":
      return resolveValue(args[0]) !== true;
    case "Fn::And":
      return args.every((item) => resolveValue(item) === true);
    case "Fn::Or":
      return args.some((item) => resolveValue(item) === true);
    case "Condition":
      // In an IAM policy, `Condition` is an ordinary key.
      return typeof argument === "string"
        ? values.condition(argument)
        : ({ Condition: resolveValue(argument) } as Json);
    case "Fn::Select":
      return texts(args[1])[Number(args[0])] ?? "";
    case "Fn::Split":
      return `${resolveValue(args[1])}`.split(`${args[0]}`);
    case "Fn::GetAZs":
      return ["a", "b", "c"].map((zone) => `${values.ref("AWS::Region")}${zone}`);
    case "Fn::Cidr":
      return Array.from({ length: Number(resolveValue(args[1])) }, (_, index) => `10.0.${index}.0/24`);
    case "Fn::Base64":
      return Buffer.from(`${resolveValue(argument)}`).toString("base64");
    default:
      throw malformed(`this fake does not know ${JSON.stringify(original).slice(0, 80)}`);
  }
}
