import type { App } from "../../app.ts";

// The template as `compile/` writes it and `provision/` reads it.

/** The prefix of every stack name, and so of the roles, buckets and clusters that AWS names after the stack. */
export const prefix = "slipway-";

/** Returns the stack name of a deployment. CloudFormation allows letters, digits and dashes; S3 needs lower case. */
export const stackName = (slug: string, id: string): string =>
  `${prefix}${slug}-${id
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 8)}`;

/** Returns the stack name for someone who deploys without us: apps of the same name in other repositories differ. */
export const manualStackName = ({ slug, source }: Pick<App, "slug" | "source">): string => {
  const { host, owner, repo, path } = source;
  return stackName(slug, fingerprint(`${host}/${owner}/${repo}/`.toLowerCase() + path));
};

/** 64 bits of FNV-1a in base 36: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(36).padStart(8, "0");
}

/** Tags on resources that cost money or hold data. `slipway:deployment` is the parameter `DeploymentId`. */
export const tagNames = {
  app: "slipway:app",
  deployment: "slipway:deployment",
  commit: "slipway:commit",
  network: "slipway:network",
} as const;

/** The first and last steps of every plan; CloudFormation knows nothing of them. */
export const builtInSteps = { stack: "stack", answer: "answer" } as const;

/** The parameters of every template, all optional. A variable of the app is a parameter named `Env...`. */
export const parameters = {
  /** The deployment's id, for the tags. */
  deployment: "DeploymentId",
  /** A custom domain, with a Route 53 hosted zone or a certificate. CloudFront assigns a domain otherwise. */
  domain: "DomainName",
  zone: "HostedZoneId",
  certificate: "CertificateArn",
  /** An existing VPC instead of a new one, and two subnets of each kind, separated by a comma. */
  vpc: "VpcId",
  publicSubnets: "PublicSubnetIds",
  privateSubnets: "PrivateSubnetIds",
  /** The permissions boundary of every role in the stack. The service role may create roles only with it. */
  boundary: "PermissionsBoundaryArn",
  /** "true" protects databases and the load balancer against deletion. Switched on once the stack is complete. */
  protected: "Protected",
  /** Optional secrets, and variables beyond the limit of 60 parameters, as one JSON object of strings. */
  more: "MoreVariables",
} as const;

/** Names of outputs. `Url` is the app's address and ends in a slash; the others are for people. */
export const outputs = { url: "Url", cluster: "ClusterName", logs: "LogGroupName" } as const;

/** CreateStack requires this because the stack creates roles, none of which has a fixed name. */
export const capabilities = ["CAPABILITY_IAM"] as const;

/** The limit of `TemplateBody`. A longer template is uploaded to a bucket first. */
export const maxTemplateBytes = 51_200;

export interface Property {
  [name: string]: Value;
}
/** A template value. An intrinsic function is an object with one key. */
export type Value = string | number | boolean | null | Value[] | Property;

export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: string[];
  DeletionPolicy?: "Delete" | "RetainExceptOnCreate" | "Retain" | "Snapshot";
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
      /** The logical ids of each step in `plan.steps`. */
      Steps: { Name: string; Resources: string[] }[];
      /** The parameter of each variable. `Late` is an answer that contains the stack's own URL. */
      Variables: { Name: string; Parameter: string; Late?: string }[];
      /** Variables to leave out of the environment if unanswered; see `omitUnansweredOptionals`. */
      Optional?: string[];
      /** The variables in the parameter `MoreVariables`, with their defaults. */
      More: { Name: string; Default: string }[];
    };
  };
  Parameters: Record<string, Parameter>;
  Rules?: Record<string, Property>;
  Conditions: Record<string, Property>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Description: string; Value: Value; Condition?: string }>;
}

/** Returns a map from logical id to step name. */
export const stepByLogicalId = ({ Metadata }: Template): Map<string, string> =>
  new Map(Metadata.Slipway.Steps.flatMap(({ Name, Resources }) => Resources.map((id) => [id, Name] as const)));

/**
 * Whether every resource of a step is complete. A resource with a condition may never start, so a step that has only
 * such resources ends with the stack.
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
 * Removes optional variables that have no answer, because an empty variable is not the same as an unset one. In the
 * published template they are empty: a condition for each would be exact, but linters try all combinations of
 * conditions.
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

/** Returns the parameters for CreateStack. Empty values keep the template's default. */
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

/** CloudFormation has no escape for dynamic references. Anywhere in a template, this reads a secret of the account. */
export const dynamicReference = /\{\{resolve:/i;
