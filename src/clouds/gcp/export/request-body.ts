import type { Condition, Conditional, Interpolation, Reference, Value } from "../stack.ts";
import { quoted, type ShellVariables, shellWriter } from "./shell.ts";

const indentation = (depth: number) => "  ".repeat(depth);

/**
 * Returns a command that writes a request body to `$BODY`. Values known only at run time are passed to `jq` as arguments,
 * so that an answer cannot become part of the program; literal text is a JSON string in it.
 */
export function requestBodyCommand(
  value: Value,
  variables: ShellVariables,
  readCommand: (reference: Reference) => string,
): string {
  const { part } = shellWriter(variables, readCommand);
  const jqVariables = new Map<string, string>();
  const variable = (reference: Reference): string => {
    const word = part(reference);
    const [, name] = /^"\$([A-Z]+\d*)"$/.exec(word) ?? [];
    const variableName = name ?? `V${jqVariables.size + 1}`;
    jqVariables.set(variableName, word);
    return `$${variableName}`;
  };
  const text = (parts: Interpolation["$"]) =>
    parts.map((part) => (typeof part === "string" ? JSON.stringify(part) : variable(part))).join(" + ");

  // Passes only whether there is an answer: it may be a secret, and every user of the machine can read command lines.
  const condition = (when: Condition): string => {
    const [name, word, expected] =
      "given" in when
        ? [`HAS_${variables.answer(when.given)}`, `"\${${variables.answer(when.given)}:+1}"`, "1"]
        : ["OPENING", '"$OPENING"', when.opening];
    jqVariables.set(name, word);
    return `$${name} == ${JSON.stringify(expected)}`;
  };
  const conditional = (
    { $when: when, value: inner }: Conditional,
    depth: number,
    whenFalse: "empty" | "null",
  ): string => {
    return `(if ${condition(when)} then ${write(inner, depth)} else ${whenFalse} end)`;
  };
  const isConditional = (item: Value): item is Conditional =>
    typeof item === "object" && item !== null && "$when" in item;
  const write = (item: Value, depth: number): string => {
    const indent = indentation(depth + 1);
    if (typeof item !== "object" || item === null) return JSON.stringify(item);
    if ("$" in item) return `(${text((item as Interpolation).$)})`;
    if (isConditional(item)) return conditional(item, depth, "null");
    if (Array.isArray(item)) {
      const items = item.map(
        (item) => indent + (isConditional(item) ? conditional(item, depth + 1, "empty") : write(item, depth + 1)),
      );
      return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indentation(depth)}]`;
    }
    const rows = Object.entries(item).map(
      ([key, item]) => `${indent}${JSON.stringify(key)}: ${write(item, depth + 1)}`,
    );
    return rows.length === 0 ? "{}" : `{\n${rows.join(",\n")}\n${indentation(depth)}}`;
  };
  const program = write(value, 0);
  const args = [...jqVariables].map(([name, word]) => `--arg ${name} ${word}`);
  return ["jq -n", ...args, quoted(program), '> "$BODY"'].join(" ");
}
