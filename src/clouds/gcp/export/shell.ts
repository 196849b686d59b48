import type { Variable } from "../../../app.ts";
import type { TextPart } from "../compile/expressions.ts";
import type { Interpolation, Reference, Stack, Value } from "../stack.ts";

/** Text that a shell takes as it is, whatever it contains. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Text that a comment can hold: nothing in it ends the line. */
export const comment = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .slice(0, 200)
    .trim();

const ours = {
  project: "PROJECT",
  number: "NUMBER",
  region: "REGION",
  id: "ID",
  deployment: "ID",
  network: "NETWORK",
  subnet: "SUBNET",
} as const;

/** What the script calls what is only known when it runs: names of a manifest are no names of shell variables. */
export interface ShellVariables {
  answer(name: string): string;
  secret(name: string): string;
  told(step: string, resource: string, field: string): string;
}

export function shellVariables(stack: Stack, variables: Variable[]): ShellVariables & { secrets: () => string[] } {
  const numbered = (letter: string, list: string[]) => (name: string) => {
    if (!list.includes(name)) list.push(name);
    return `${letter}${list.indexOf(name) + 1}`;
  };
  const secrets: string[] = [];
  const told = numbered("T", []);
  const all = {
    answer: numbered(
      "A",
      variables.map(({ name }) => name),
    ),
    secret: numbered("S", secrets),
  };
  for (const known of findReferences(stack)) if ("secret" in known) all.secret(known.secret);
  return {
    ...all,
    told: (...path) => (path[0] === "keys" ? "ACCESS" : told(JSON.stringify(path))),
    secrets: () => secrets.map((_, index) => `S${index + 1}`),
  };
}

/** Everything in a stack that is only known when it is carried out. */
export function* findReferences(value: unknown): Generator<Reference> {
  if (typeof value !== "object" || value === null) return;
  const { $: parts } = value as Partial<Interpolation>;
  if (Array.isArray(parts)) for (const part of parts) if (typeof part !== "string") yield* [part, ...nested(part)];
  if (parts === undefined) for (const one of Object.values(value)) yield* findReferences(one);
}

function* nested(known: Reference): Generator<Reference> {
  if ("answer" in known) yield* findReferences({ $: known.late?.parts ?? [] });
  if ("read" in known) yield* findReferences(known.read);
}

/** A value as one word of a command. `how` is asked how a text stands inside of it. */
export function shellWriter(all: ShellVariables, read: (known: Reference) => string) {
  const part = (known: TextPart): string => {
    if (typeof known === "string") return quoted(known);
    if ("answer" in known) return `"$${all.answer(known.answer)}"`;
    if ("secret" in known) return `"$${all.secret(known.secret)}"`;
    if ("told" in known) return `"$${all.told(...known.told)}"`;
    if ("key" in known) return known.key === "secret" ? '"$KEY"' : '"$ACCESS"';
    if ("read" in known) return `"${read(known)}"`;
    return known.is === "attempt" ? "1" : `"$${ours[known.is]}"`;
  };
  const word = (value: Value | undefined): string => {
    if (typeof value === "object" && value !== null && "$" in value)
      return (value as Interpolation).$.map(part).join("");
    return quoted(`${value ?? ""}`);
  };
  return { word, part };
}

export type ShellWriter = ReturnType<typeof shellWriter>;
