import type { Service } from "../../../app.ts";
import type { Known, Value, When } from "../stack.ts";
import type { Data } from "./app-resources.ts";
import type { Setting } from "./context.ts";
import { type Part, text } from "./expressions.ts";
import { addressed, appHost, type Filled, outputOf, type Told } from "./interpolation.ts";
import type { Keeper } from "./resources/secret-manager.ts";
import { asked, isLate, isName, isOptional } from "./variables.ts";

/** A variable of every container: its value, or the secret it is read from when an instance starts. */
export interface Entry {
  name: string;
  value?: Value;
  secret?: Part[];
  when?: When;
}

export interface Environment {
  /** What every container of the app finds around itself. */
  entries: Entry[];
  /** What one service has for itself. */
  own: ReadonlyMap<Service, Entry[]>;
}

/** The environment of the app; what nobody is to see goes to the keeper. */
export function environment(setting: Setting, told: Told, all: Data[], keeper: Keeper): Environment {
  const { app, services } = setting;
  const entries = new Map<string, Entry>();
  const entry = (name: string, { parts, hidden, from }: Filled, when = whenGiven(parts)): Entry[] => {
    if (!isName(name)) return [];
    const value = hidden ? { secret: keeper.keep(name, parts, from, when ?? undefined) } : { value: text(...parts) };
    return [{ name, ...value, ...(when ? { when } : {}) }];
  };
  const set = (name: string, filled: Filled, when?: When | null) => {
    for (const one of entry(name, filled, when)) entries.set(name, one);
  };

  const host = appHost({ app, services });
  if (host) set("APP_URL", plain("https://", ...host));
  // Newer S3 clients sign what Google's does not: https://github.com/aws/aws-sdk-js-v3/issues/6810
  if (all.some(({ keyed }) => keyed))
    for (const name of ["AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"])
      set(name, plain("when_required"));

  for (const variable of asked(app)) {
    const { name, default: fallback, secret, generator } = variable;
    const late = isLate(variable) && fallback !== null ? addressed(told, fallback) : null;
    const answer: Known = {
      answer: name,
      ...(late && fallback !== null ? { late: { text: fallback, parts: late.parts } } : {}),
    };
    const hidden = secret || generator !== null || late?.hidden === true;
    set(name, { parts: [answer], hidden, from: late?.from ?? [] }, isOptional(variable) ? { given: name } : null);
  }
  for (const [name, value] of Object.entries(app.env ?? {})) set(name, addressed(told, value));
  for (const { needed, tells } of all)
    for (const [name, template] of Object.entries(needed.env)) set(name, outputOf(tells, template));
  const own = ({ env = {} }: Service): Entry[] =>
    Object.entries(env).flatMap(([name, value]) => entry(name, addressed(told, value)));
  return { entries: [...entries.values()], own: new Map(app.services.map((service) => [service, own(service)])) };
}

/** Nothing but an answer that may be missing is missing with it; Secret Manager keeps no empty texts. */
function whenGiven([only, ...more]: Part[]): When | null {
  return typeof only === "object" && "answer" in only && more.length === 0 ? { given: only.answer } : null;
}

const plain = (...parts: Part[]): Filled => ({ parts, hidden: false, from: [] });

/** The same entries as a container has them; of two of one name, the later. */
export function containerEnv(entries: Entry[]): Value[] {
  const distinct = new Map(entries.map((entry) => [entry.name, entry]));
  return [...distinct.values()].map(({ name, value, secret, when }) => {
    const one: Value = secret
      ? { name, valueSource: { secretKeyRef: { secret: text(...secret), version: "latest" } } }
      : { name, value: value ?? "" };
    return when ? { $when: when, value: one } : one;
  });
}
