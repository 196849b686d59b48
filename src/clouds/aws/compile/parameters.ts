import type { App, Generator, Variable } from "../../../app.ts";
import { askedWhere } from "../../variables.ts";
import { type Parameter, type Property, parameters, type Value } from "../cloudformation.ts";
import { isMade } from "./app-resources.ts";
import { addresses } from "./interpolation.ts";

const mostParameters = 60;
/** Of a parameter's value, in bytes. */
const longest = 4096;
const bytes = (text: string) => new TextEncoder().encode(text).length;

/** Everything a visitor is asked, with what AWS has nothing for. */
export const asked = (app: App): Variable[] => askedWhere(isMade, app);

/** A parameter of its own; a place in the one they share; or no parameter, and always its default. */
export type Kind = "parameter" | "more" | "fixed";

/** Which variable is asked for in which way. What everybody has to answer comes first when there are too many. */
export function placed(variables: Variable[], taken: number): { variable: Variable; kind: Kind }[] {
  const kinds = new Map<Variable, Kind>();
  const shared = (one: Variable) => isOptional(one) && one.secret;
  const late = variables.filter(isLate).slice(3);
  const fixed = (one: Variable) => late.includes(one) || (one.default !== null && bytes(one.default) > longest);
  const need = (one: Variable) => Number(one.generator !== null || isLate(one)) * 2 + Number(!isOptional(one));
  const order = variables.filter((one) => !fixed(one) && !shared(one)).toSorted((a, b) => need(b) - need(a));
  for (const one of order.slice(0, mostParameters - taken)) kinds.set(one, "parameter");
  let length = 2;
  for (const one of [...variables.filter(shared), ...order.slice(mostParameters - taken)]) {
    length += bytes(JSON.stringify([one.name, one.default ?? ""]));
    if (length <= longest / 2) kinds.set(one, "more");
  }
  return variables.map((variable) => ({ variable, kind: kinds.get(variable) ?? "fixed" }));
}

// A variable from a stranger's link must not make CloudFormation read a secret of the account into the app.
const harmless = "^(?![\\s\\S]*\\{\\{resolve:)[\\s\\S]*$";

export const isOptional = (variable: Variable): boolean => !variable.required && variable.default === null;
export const isLate = ({ default: fallback }: Variable): boolean => fallback !== null && addresses.test(fallback);
/** Secrets Manager makes up letters and digits; it has no UUIDs, so they come as answers. */
export const madeUp = ({ generator }: Variable): Generator | null => (generator?.kind === "uuid" ? null : generator);

/** What stands in a parameter whose secret is to be made up. */
export const makeIt = "generate";

export function parameterOf(variable: Variable): Parameter {
  const { description, secret, options, required } = variable;
  const made = madeUp(variable) !== null;
  const mayBeEmpty = (!required && !secret) || made || isLate(variable) || variable.default !== null;
  const fallback = made ? makeIt : isLate(variable) ? "" : (variable.default ?? "");
  const listed = options && options.length > 0 && options.every((option) => bytes(option) <= longest);
  const values = listed ? [...new Set(mayBeEmpty ? [...options, fallback] : options)] : null;
  return {
    Type: "String",
    ...(description === "" ? {} : { Description: description.slice(0, 1000) }),
    ...(mayBeEmpty ? { Default: fallback } : {}),
    ...(mayBeEmpty && !secret && !made ? {} : { MinLength: 1 }),
    ...(secret || variable.generator ? { NoEcho: true as const } : {}),
    ...(values ? { AllowedValues: values } : { AllowedPattern: harmless }),
  };
}

export const moreParameter = (defaults: Record<string, string>): Parameter => ({
  Type: "String",
  Description:
    "Secrets that may be empty, and variables beyond the number of parameters there may be, as a JSON object of texts",
  Default: JSON.stringify(defaults),
  NoEcho: true,
  AllowedPattern: harmless,
});

const all = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
const alphabets = { hex: "0123456789abcdef", base64: all.replace(/[^A-Za-z0-9]/g, "") };

/** How Secrets Manager makes up what the manifest wants generated. */
export function generated({ kind, length, alphabet }: Generator): Value {
  const wanted = (kind === "password" ? alphabet : undefined) ?? (kind === "hex" ? alphabets.hex : alphabets.base64);
  const some = [...all].some((letter) => wanted.includes(letter)) ? wanted : alphabets.base64;
  return {
    PasswordLength: Math.min(Math.max(length, 8), longest),
    ExcludeCharacters: [...all].filter((letter) => !some.includes(letter)).join(""),
    RequireEachIncludedType: false,
  };
}

export const isToBeMade = (parameter: string): Property => ({ "Fn::Equals": [{ Ref: parameter }, makeIt] });

export const isGiven = (parameter: string): Property => ({
  "Fn::Not": [{ "Fn::Equals": [{ Ref: parameter }, ""] }],
});

export const ownParameters = Object.values(parameters).length;
