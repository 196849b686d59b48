import type { Service } from "../../../app.ts";
import type { Condition, Reference, Value } from "../stack.ts";
import type { CompiledResource } from "./compiled-resource.ts";
import type { CompileContext } from "./context.ts";
import { concat, type TextPart } from "./expressions.ts";
import {
  appHost,
  type Interpolated,
  type InterpolationScope,
  interpolate,
  interpolateOutputs,
} from "./interpolation.ts";
import type { SecretRegistry } from "./resources/secret-manager.ts";
import { askedVariables, hasDeferredDefault, isName, isOptional } from "./variables.ts";

/** A variable of a container: its value, or the secret that Cloud Run reads when an instance starts. */
export interface EnvEntry {
  name: string;
  value?: Value;
  secret?: TextPart[];
  when?: Condition;
}

export interface Environment {
  /** The variables of every container. */
  entries: EnvEntry[];
  /** The additional variables of each service. */
  perService: ReadonlyMap<Service, EnvEntry[]>;
}

/** Compiles the environment of the app; sensitive values become secrets. */
export function compileEnvironment(
  context: CompileContext,
  scope: InterpolationScope,
  resources: CompiledResource[],
  secrets: SecretRegistry,
): Environment {
  const { app, services } = context;
  const entries = new Map<string, EnvEntry>();
  const createEntry = (
    name: string,
    { parts, sensitive, dependsOn }: Interpolated,
    when = whenGiven(parts),
  ): EnvEntry[] => {
    if (!isName(name)) return [];
    const value = sensitive
      ? { secret: secrets.secretFor(name, parts, dependsOn, when ?? undefined) }
      : { value: concat(...parts) };
    return [{ name, ...value, ...(when ? { when } : {}) }];
  };
  const set = (name: string, interpolated: Interpolated, when?: Condition | null) => {
    for (const entry of createEntry(name, interpolated, when)) entries.set(name, entry);
  };

  const host = appHost({ app, services });
  if (host) set("APP_URL", plain("https://", ...host));
  // Newer S3 clients send checksums that Google rejects: https://github.com/aws/aws-sdk-js-v3/issues/6810
  if (resources.some(({ hmacBucket }) => hmacBucket))
    for (const name of ["AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"])
      set(name, plain("when_required"));

  for (const variable of askedVariables(app)) {
    const { name, default: fallback, secret, generator } = variable;
    const deferred = hasDeferredDefault(variable) && fallback !== null ? interpolate(scope, fallback) : null;
    const reference: Reference = {
      answer: name,
      ...(deferred && fallback !== null ? { late: { text: fallback, parts: deferred.parts } } : {}),
    };
    const sensitive = secret || generator !== null || deferred?.sensitive === true;
    set(
      name,
      { parts: [reference], sensitive: sensitive, dependsOn: deferred?.dependsOn ?? [] },
      isOptional(variable) ? { given: name } : null,
    );
  }
  for (const [name, value] of Object.entries(app.env ?? {})) set(name, interpolate(scope, value));
  for (const { resource, outputs } of resources)
    for (const [name, template] of Object.entries(resource.env)) set(name, interpolateOutputs(outputs, template));
  const entriesOf = ({ env = {} }: Service): EnvEntry[] =>
    Object.entries(env).flatMap(([name, value]) => createEntry(name, interpolate(scope, value)));
  return {
    entries: [...entries.values()],
    perService: new Map(app.services.map((service) => [service, entriesOf(service)])),
  };
}

/** A variable that consists of a single answer is left out if the answer is; Secret Manager stores no empty values. */
function whenGiven([only, ...others]: TextPart[]): Condition | null {
  return typeof only === "object" && "answer" in only && others.length === 0 ? { given: only.answer } : null;
}

const plain = (...parts: TextPart[]): Interpolated => ({ parts, sensitive: false, dependsOn: [] });

/** Converts entries to the `env` of a container; the last entry of a name wins. */
export function containerEnv(entries: EnvEntry[]): Value[] {
  const distinct = new Map(entries.map((createEntry) => [createEntry.name, createEntry]));
  return [...distinct.values()].map(({ name, value, secret, when }) => {
    const variable: Value = secret
      ? { name, valueSource: { secretKeyRef: { secret: concat(...secret), version: "latest" } } }
      : { name, value: value ?? "" };
    return when ? { $when: when, value: variable } : variable;
  });
}
