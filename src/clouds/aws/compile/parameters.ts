import type { App, Generator, Variable } from "../../../app.ts";
import { variablesToAsk } from "../../variables.ts";
import { type Parameter, type Property, parameters, type Value } from "../cloudformation.ts";
import { isManaged } from "./app-resources.ts";
import { placeholder } from "./interpolation.ts";

const maxParameters = 60;
const maxBytes = 4096;
const byteLength = (text: string) => new TextEncoder().encode(text).length;

/** Returns the variables to ask for, including those of resources that AWS does not manage. */
export const askedVariables = (app: App): Variable[] => variablesToAsk(isManaged, app);

/** "more" is a place in the shared parameter; "fixed" has no parameter and keeps its default. */
export type ParameterKind = "parameter" | "more" | "fixed";

/** Assigns a kind to each variable. Required ones come first if there are too many. */
export function assignParameters(
  variables: Variable[],
  reservedCount: number,
): { variable: Variable; kind: ParameterKind }[] {
  const kinds = new Map<Variable, ParameterKind>();
  const isShared = (variable: Variable) => isOptional(variable) && variable.secret;
  const deferred = variables.filter(hasDeferredDefault).slice(3);
  const isFixed = (variable: Variable) =>
    deferred.includes(variable) || (variable.default !== null && byteLength(variable.default) > maxBytes);
  const priority = (variable: Variable) =>
    Number(variable.generator !== null || hasDeferredDefault(variable)) * 2 + Number(!isOptional(variable));
  const order = variables
    .filter((variable) => !isFixed(variable) && !isShared(variable))
    .toSorted((a, b) => priority(b) - priority(a));
  for (const variable of order.slice(0, maxParameters - reservedCount)) kinds.set(variable, "parameter");
  let length = 2;
  for (const variable of [...variables.filter(isShared), ...order.slice(maxParameters - reservedCount)]) {
    length += byteLength(JSON.stringify([variable.name, variable.default ?? ""]));
    if (length <= maxBytes / 2) kinds.set(variable, "more");
  }
  return variables.map((variable) => ({ variable, kind: kinds.get(variable) ?? "fixed" }));
}

// A value from a link must not make CloudFormation read a secret of the account.
const noDynamicReference = "^(?![\\s\\S]*\\{\\{resolve:)[\\s\\S]*$";

export const isOptional = (variable: Variable): boolean => !variable.required && variable.default === null;
export const hasDeferredDefault = ({ default: fallback }: Variable): boolean =>
  fallback !== null && placeholder.test(fallback);
/** Secrets Manager generates letters and digits but no UUIDs, which come as answers instead. */
export const secretsManagerGenerator = ({ generator }: Variable): Generator | null =>
  generator?.kind === "uuid" ? null : generator;

/** The value of a parameter whose secret Secrets Manager should generate. */
export const generateMarker = "generate";

export function parameterOf(variable: Variable): Parameter {
  const { description, secret, options, required } = variable;
  const isGenerated = secretsManagerGenerator(variable) !== null;
  const hasDefault = (!required && !secret) || isGenerated || hasDeferredDefault(variable) || variable.default !== null;
  const fallback = isGenerated ? generateMarker : hasDeferredDefault(variable) ? "" : (variable.default ?? "");
  const hasOptions = options && options.length > 0 && options.every((option) => byteLength(option) <= maxBytes);
  const values = hasOptions ? [...new Set(hasDefault ? [...options, fallback] : options)] : null;
  return {
    Type: "String",
    ...(description === "" ? {} : { Description: description.slice(0, 1000) }),
    ...(hasDefault ? { Default: fallback } : {}),
    ...(hasDefault && !secret && !isGenerated ? {} : { MinLength: 1 }),
    ...(secret || variable.generator ? { NoEcho: true as const } : {}),
    ...(values ? { AllowedValues: values } : { AllowedPattern: noDynamicReference }),
  };
}

export const sharedParameter = (defaults: Record<string, string>): Parameter => ({
  Type: "String",
  Description:
    "Secrets that may be empty, and variables beyond the number of parameters there may be, as a JSON object of texts",
  Default: JSON.stringify(defaults),
  NoEcho: true,
  AllowedPattern: noDynamicReference,
});

const printableAscii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
const alphabets = { hex: "0123456789abcdef", base64: printableAscii.replace(/[^A-Za-z0-9]/g, "") };

/** Returns how Secrets Manager generates the value. */
export function generated({ kind, length, alphabet }: Generator): Value {
  const wantedCharacters =
    (kind === "password" ? alphabet : undefined) ?? (kind === "hex" ? alphabets.hex : alphabets.base64);
  const usableCharacters = [...printableAscii].some((letter) => wantedCharacters.includes(letter))
    ? wantedCharacters
    : alphabets.base64;
  return {
    PasswordLength: Math.min(Math.max(length, 8), maxBytes),
    ExcludeCharacters: [...printableAscii].filter((letter) => !usableCharacters.includes(letter)).join(""),
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
