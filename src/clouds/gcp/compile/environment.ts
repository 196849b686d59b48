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

/** A variable of every container: its value, or the secret it is read from when an instance starts. */
export interface EnvEntry {
  name: string;
  value?: Value;
  secret?: TextPart[];
  when?: Condition;
}

export interface Environment {
  /** What every container of the app finds around itself. */
  entries: EnvEntry[];
  /** What one service has for itself. */
  perService: ReadonlyMap<Service, EnvEntry[]>;
}

/** The environment of the app; what nobody is to see goes to the keeper. */
export function compileEnvironment(
  setting: CompileContext,
  told: InterpolationScope,
  all: CompiledResource[],
  keeper: SecretRegistry,
): Environment {
  const { app, services } = setting;
  const entries = new Map<string, EnvEntry>();
  const entry = (name: string, { parts, hidden, from }: Interpolated, when = whenGiven(parts)): EnvEntry[] => {
    if (!isName(name)) return [];
    const value = hidden
      ? { secret: keeper.secretFor(name, parts, from, when ?? undefined) }
      : { value: concat(...parts) };
    return [{ name, ...value, ...(when ? { when } : {}) }];
  };
  const set = (name: string, filled: Interpolated, when?: Condition | null) => {
    for (const one of entry(name, filled, when)) entries.set(name, one);
  };

  const host = appHost({ app, services });
  if (host) set("APP_URL", plain("https://", ...host));
  // Newer S3 clients sign what Google's does not: https://github.com/aws/aws-sdk-js-v3/issues/6810
  if (all.some(({ hmacBucket: keyed }) => keyed))
    for (const name of ["AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"])
      set(name, plain("when_required"));

  for (const variable of askedVariables(app)) {
    const { name, default: fallback, secret, generator } = variable;
    const late = hasDeferredDefault(variable) && fallback !== null ? interpolate(told, fallback) : null;
    const answer: Reference = {
      answer: name,
      ...(late && fallback !== null ? { late: { text: fallback, parts: late.parts } } : {}),
    };
    const hidden = secret || generator !== null || late?.hidden === true;
    set(name, { parts: [answer], hidden, from: late?.from ?? [] }, isOptional(variable) ? { given: name } : null);
  }
  for (const [name, value] of Object.entries(app.env ?? {})) set(name, interpolate(told, value));
  for (const { resource: needed, outputs: tells } of all)
    for (const [name, template] of Object.entries(needed.env)) set(name, interpolateOutputs(tells, template));
  const own = ({ env = {} }: Service): EnvEntry[] =>
    Object.entries(env).flatMap(([name, value]) => entry(name, interpolate(told, value)));
  return {
    entries: [...entries.values()],
    perService: new Map(app.services.map((service) => [service, own(service)])),
  };
}

/** Nothing but an answer that may be missing is missing with it; Secret Manager keeps no empty texts. */
function whenGiven([only, ...more]: TextPart[]): Condition | null {
  return typeof only === "object" && "answer" in only && more.length === 0 ? { given: only.answer } : null;
}

const plain = (...parts: TextPart[]): Interpolated => ({ parts, hidden: false, from: [] });

/** The same entries as a container has them; of two of one name, the later. */
export function containerEnv(entries: EnvEntry[]): Value[] {
  const distinct = new Map(entries.map((entry) => [entry.name, entry]));
  return [...distinct.values()].map(({ name, value, secret, when }) => {
    const one: Value = secret
      ? { name, valueSource: { secretKeyRef: { secret: concat(...secret), version: "latest" } } }
      : { name, value: value ?? "" };
    return when ? { $when: when, value: one } : one;
  });
}
