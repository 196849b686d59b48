// What compile writes into a template and provision reads out of it again.

/** Every stack of ours, and with it every role, bucket and cluster it makes, is called so. */
export const prefix = "slipway-";

/** The name of a deployment's stack. CloudFormation allows letters, digits and dashes; S3 takes it in lower case. */
export const stackName = (slug: string, id: string): string =>
  `${prefix}${slug}-${id
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 8)}`;

/** Tags on what costs money or keeps data. `slipway:deployment` is the parameter `DeploymentId`. */
export const tagNames = {
  app: "slipway:app",
  deployment: "slipway:deployment",
  commit: "slipway:commit",
  network: "slipway:network",
} as const;

/** The steps of a plan that are ours, not CloudFormation's: the first and the last. */
export const builtInSteps = { stack: "stack", answer: "answer" } as const;

/** Parameters that every template has; each may be left out. A variable of the app is a parameter named `Env...`. */
export const parameters = {
  /** The deployment's id, for the tags. */
  deployment: "DeploymentId",
  /** A name of the visitor's own, with a hosted zone of Route 53 or a certificate; without one CloudFront gives a name. */
  domain: "DomainName",
  zone: "HostedZoneId",
  certificate: "CertificateArn",
  /** An existing network instead of a new one: the VPC, and two subnets of each kind separated by a comma. */
  vpc: "VpcId",
  publicSubnets: "PublicSubnetIds",
  privateSubnets: "PrivateSubnetIds",
  /** The permissions boundary that every role of the stack gets: what lets a service role make roles at all. */
  boundary: "PermissionsBoundaryArn",
  /** Secrets that may be left out, and what found no place among 60 parameters, as one JSON object of texts. */
  more: "MoreVariables",
} as const;

/** Outputs: `Url` is where the app answers, ending in a slash; `Secrets...` and the like are for people. */
export const outputs = { url: "Url", cluster: "ClusterName", logs: "LogGroupName" } as const;

/** Without it CreateStack refuses: the stack makes roles, none of which has a name of its own. */
export const capabilities = ["CAPABILITY_IAM"] as const;

/** `TemplateBody` takes no more bytes than this; a longer template goes through a bucket. */
export const maxTemplateBytes = 51_200;

export interface Property {
  [name: string]: Value;
}
/** A value in a template: a text stands for itself, an intrinsic is an object with one key. */
export type Value = string | number | boolean | null | Value[] | Property;

export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: string[];
  DeletionPolicy?: "Delete" | "Retain" | "Snapshot";
  UpdateReplacePolicy?: "Delete" | "Retain" | "Snapshot";
  Properties?: Property;
}

export interface Parameter {
  Type: "String";
  Description?: string;
  Default?: string;
  NoEcho?: true;
  AllowedPattern?: string;
  AllowedValues?: string[];
  ConstraintDescription?: string;
  MinLength?: number;
}

/** `plan.stack` of this cloud. */
export interface Template {
  AWSTemplateFormatVersion: "2010-09-09";
  Description: string;
  Metadata: {
    Slipway: {
      /** The logical ids of each of `plan.steps`, by its name. */
      Steps: { Name: string; Resources: string[] }[];
      /** Which parameter carries which variable; `Late` is an answer that only the stack can fill, with its own URL. */
      Variables: { Name: string; Parameter: string; Late?: string }[];
      /** Variables that an app should not see at all when nobody answers; see `answered`. */
      Optional?: string[];
      /** The variables in the parameter `MoreVariables`, with what they are when nobody answers. */
      More: { Name: string; Default: string }[];
    };
  };
  Parameters: Record<string, Parameter>;
  Rules?: Record<string, Property>;
  Conditions: Record<string, Property>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Description: string; Value: Value; Condition?: string }>;
}

/** From a logical id, as stack events name it, to the step it belongs to. */
export const stepByLogicalId = ({ Metadata }: Template): Map<string, string> =>
  new Map(Metadata.Slipway.Steps.flatMap(({ Name, Resources }) => Resources.map((id) => [id, Name] as const)));

/**
 * Whether a step is done, given the ids that were begun and those that are complete. What has a condition may never
 * begin; a step of nothing else is only done with the stack.
 */
export function isStepDone(
  template: Template,
  step: string,
  started: ReadonlySet<string>,
  complete: ReadonlySet<string>,
) {
  const ids = template.Metadata.Slipway.Steps.find(({ Name }) => Name === step)?.Resources ?? [];
  const expected = ids.filter((id) => started.has(id) || template.Resources[id]?.Condition === undefined);
  return expected.length > 0 && expected.every((id) => complete.has(id));
}

/**
 * The template without the optional variables that nobody has answered: set to nothing is not the same as not set. By
 * hand they are set to nothing; one condition for each would be exact, but checkers try all combinations of them.
 */
export function omitUnansweredOptionals(template: Template, env: Record<string, string>): Template {
  const empty = new Set((template.Metadata.Slipway.Optional ?? []).filter((name) => !env[name]));
  if (empty.size === 0) return template;
  const removeEmpty = (value: Value): Value => {
    if (Array.isArray(value)) return value.filter((item) => !isEntryFor(item, empty)).map(removeEmpty);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, removeEmpty(item)]));
  };
  const Resources = Object.entries(template.Resources).map(([id, resource]) =>
    resource.Type === "AWS::ECS::TaskDefinition"
      ? [id, { ...resource, Properties: removeEmpty(resource.Properties ?? {}) as Property }]
      : [id, resource],
  );
  return { ...template, Resources: Object.fromEntries(Resources) };
}

const isEntryFor = (value: Value, names: ReadonlySet<string>): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  ("Value" in value || "ValueFrom" in value) &&
  typeof value.Name === "string" &&
  names.has(value.Name);

/** What CreateStack takes: the answers, and our own parameters by the names above. What is empty keeps its default. */
export function createStackParameters(
  { Metadata: { Slipway }, Parameters }: Template,
  env: Record<string, string>,
  builtIn: Record<string, string>,
): { ParameterKey: string; ParameterValue: string }[] {
  const shared = Slipway.More.map(({ Name, Default }) => [Name, env[Name] ?? Default]);
  const values = [
    ...Object.entries(builtIn),
    ...Slipway.Variables.map(
      ({ Name, Parameter, Late }) => [Parameter, env[Name] === Late ? "" : (env[Name] ?? "")] as const,
    ),
    ...(shared.length > 0 ? [[parameters.more, JSON.stringify(Object.fromEntries(shared))] as const] : []),
  ];
  return values
    .filter(([key, value]) => value !== "" && Object.hasOwn(Parameters, key))
    .map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** CloudFormation has no escape for this: wherever it stands, it reads a secret of the account. */
export const dynamicReference = /\{\{resolve:/i;
