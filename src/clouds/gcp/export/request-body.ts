import type { Condition, Conditional, Interpolation, Reference, Value } from "../stack.ts";
import { quoted, type ShellVariables, shellWriter } from "./shell.ts";

const indented = (depth: number) => "  ".repeat(depth);

/**
 * A command that writes the body of a request into `$BODY`. What is known only now is handed to `jq` beside its program,
 * so that no answer can be taken for a part of that; a text of ours or of a manifest is a JSON text in it.
 */
export function requestBodyCommand(value: Value, names: ShellVariables, read: (known: Reference) => string): string {
  const { part } = shellWriter(names, read);
  const given = new Map<string, string>();
  const variable = (known: Reference): string => {
    const word = part(known);
    const [, name] = /^"\$([A-Z]+\d*)"$/.exec(word) ?? [];
    const own = name ?? `V${given.size + 1}`;
    given.set(own, word);
    return `$${own}`;
  };
  const text = (parts: Interpolation["$"]) =>
    parts.map((one) => (typeof one === "string" ? JSON.stringify(one) : variable(one))).join(" + ");

  // Not the answer itself: it may be a secret, and everybody on the machine can read a command.
  const condition = (when: Condition): string => {
    const [name, word, is] =
      "given" in when
        ? [`HAS_${names.answer(when.given)}`, `"\${${names.answer(when.given)}:+1}"`, "1"]
        : ["OPENING", '"$OPENING"', when.opening];
    given.set(name, word);
    return `$${name} == ${JSON.stringify(is)}`;
  };
  const perhaps = ({ $when: when, value: inner }: Conditional, depth: number, none: "empty" | "null"): string => {
    return `(if ${condition(when)} then ${write(inner, depth)} else ${none} end)`;
  };
  const isPerhaps = (one: Value): one is Conditional => typeof one === "object" && one !== null && "$when" in one;
  const write = (one: Value, depth: number): string => {
    const inside = indented(depth + 1);
    if (typeof one !== "object" || one === null) return JSON.stringify(one);
    if ("$" in one) return `(${text((one as Interpolation).$)})`;
    if (isPerhaps(one)) return perhaps(one, depth, "null");
    if (Array.isArray(one)) {
      const items = one.map(
        (item) => inside + (isPerhaps(item) ? perhaps(item, depth + 1, "empty") : write(item, depth + 1)),
      );
      return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indented(depth)}]`;
    }
    const rows = Object.entries(one).map(([key, item]) => `${inside}${JSON.stringify(key)}: ${write(item, depth + 1)}`);
    return rows.length === 0 ? "{}" : `{\n${rows.join(",\n")}\n${indented(depth)}}`;
  };
  const program = write(value, 0);
  const args = [...given].map(([name, word]) => `--arg ${name} ${word}`);
  return ["jq -n", ...args, quoted(program), '> "$BODY"'].join(" ");
}
