import type { App, Generator, Variable } from "../../../app.ts";
import { variablesToAsk } from "../../variables.ts";
import { type Parameter, type Property, parameters, type Value } from "../cloudformation.ts";
import { isManaged } from "./app-resources.ts";
import { placeholder } from "./interpolation.ts";

const mostParameters = 60;
/** Of a parameter's value, in bytes. */
const longest = 4096;
const bytes = (text: string) => new TextEncoder().encode(text).length;

/** Everything a visitor is asked, with what AWS has nothing for. */
export const askedVariables = (app: App): Variable[] => variablesToAsk(isManaged, app);

/** A parameter of its own; a place in the one they share; or no parameter, and always its default. */
export type ParameterKind = "parameter" | "more" | "fixed";

/** Which variable is asked for in which way. What everybody has to answer comes first when there are too many. */
export function assignParameters(variables: Variable[], taken: number): { variable: Variable; kind: ParameterKind }[] {
  const kinds = new Map<Variable, ParameterKind>();
  const shared = (one: Variable) => isOptional(one) && one.secret;
  const late = variables.filter(hasDeferredDefault).slice(3);
  const fixed = (one: Variable) => late.includes(one) || (one.default !== null && bytes(one.default) > longest);
  const need = (one: Variable) =>
    Number(one.generator !== null || hasDeferredDefault(one)) * 2 + Number(!isOptional(one));
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
export const hasDeferredDefault = ({ default: fallback }: Variable): boolean =>
  fallback !== null && placeholder.test(fallback);
/** Secrets Manager makes up letters and digits; it has no UUIDs, so they come as answers. */
export const secretsManagerGenerator = ({ generator }: Variable): Generator | null =>
  generator?.kind === "uuid" ? null : generator;

/** What stands in a parameter whose secret is to be made up. */
export const generateMarker = "generate";

export function parameterOf(variable: Variable): Parameter {
  const { description, secret, options, required } = variable;
  const made = secretsManagerGenerator(variable) !== null;
  const mayBeEmpty = (!required && !secret) || made || hasDeferredDefault(variable) || variable.default !== null;
  const fallback = made ? generateMarker : hasDeferredDefault(variable) ? "" : (variable.default ?? "");
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

export const sharedParameter = (defaults: Record<string, string>): Parameter => ({
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

export const equalsGenerateMarker = (parameter: string): Property => ({
  "Fn::Equals": [{ Ref: parameter }, generateMarker],
});

export const isNotEmpty = (parameter: string): Property => ({
  "Fn::Not": [{ "Fn::Equals": [{ Ref: parameter }, ""] }],
});

export const builtInParameterCount = Object.values(parameters).length;
