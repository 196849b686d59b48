import type { Variable } from "../../../app.ts";
import type { TextPart } from "../compile/expressions.ts";
import { findReferences } from "../references.ts";
import type { Interpolation, Reference, Stack, Value } from "../stack.ts";

/** Quotes text for a shell. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Makes text safe for a comment: on one line, and short. */
export const comment = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .slice(0, 200)
    .trim();

const builtInVariables = {
  project: "PROJECT",
  number: "NUMBER",
  region: "REGION",
  id: "ID",
  deployment: "ID",
  network: "NETWORK",
  subnet: "SUBNET",
} as const;

/** The names of shell variables for run-time values; names of a manifest may not be valid ones. */
export interface ShellVariables {
  answer(name: string): string;
  secret(name: string): string;
  output(step: string, resource: string, field: string): string;
}

export function shellVariables(stack: Stack, variables: Variable[]): ShellVariables & { secrets: () => string[] } {
  const numbered = (letter: string, names: string[]) => (name: string) => {
    if (!names.includes(name)) names.push(name);
    return `${letter}${names.indexOf(name) + 1}`;
  };
  const secrets: string[] = [];
  const output = numbered("T", []);
  const named = {
    answer: numbered(
      "A",
      variables.map(({ name }) => name),
    ),
    secret: numbered("S", secrets),
  };
  for (const reference of findReferences(stack)) if ("secret" in reference) named.secret(reference.secret);
  return {
    ...named,
    output: (...path) => (path[0] === "keys" ? "ACCESS" : output(JSON.stringify(path))),
    secrets: () => secrets.map((_, index) => `S${index + 1}`),
  };
}

/** Creates a writer that turns values into words of a command. */
export function shellWriter(variables: ShellVariables, readCommand: (reference: Reference) => string) {
  const part = (reference: TextPart): string => {
    if (typeof reference === "string") return quoted(reference);
    if ("answer" in reference) return `"$${variables.answer(reference.answer)}"`;
    if ("secret" in reference) return `"$${variables.secret(reference.secret)}"`;
    if ("told" in reference) return `"$${variables.output(...reference.told)}"`;
    if ("key" in reference) return reference.key === "secret" ? '"$KEY"' : '"$ACCESS"';
    if ("read" in reference) return `"${readCommand(reference)}"`;
    return reference.is === "attempt" ? "1" : `"$${builtInVariables[reference.is]}"`;
  };
  const word = (value: Value | undefined): string => {
    if (typeof value === "object" && value !== null && "$" in value)
      return (value as Interpolation).$.map(part).join("");
    return quoted(`${value ?? ""}`);
  };
  return { word, part };
}

export type ShellWriter = ReturnType<typeof shellWriter>;
