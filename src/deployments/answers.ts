import type { Variable } from "../app.ts";
import { closestMatch } from "../manifest/closest-match.ts";
import { type Note, note, ok, problems, type Result } from "../result.ts";
import { generateValue } from "./generate-value.ts";

const longest = 32 * 1024;
const utf8 = new TextEncoder();

/**
 * The form's or JSON body's env -> every variable with its value, or problems with path `env.NAME`.
 * What was not given takes its default or is generated; an optional one that stays empty is left out.
 */
export function validateAnswers(
  variables: readonly Variable[],
  given: Record<string, unknown>,
  random: (bytes: number) => Uint8Array,
): Result<Record<string, string>> {
  const found: Note[] = unknown(variables, given);
  const values: [string, string][] = [];
  for (const variable of variables) {
    const path = `env.${variable.name}`;
    const said = Object.hasOwn(given, variable.name) ? given[variable.name] : undefined;
    const text = textOf(said);
    if (text === undefined) {
      found.push(note(`${variable.name} must be text.`, { path, fix: "Give a text, a number, true or false." }));
      continue;
    }
    const absent = said === undefined || said === null;
    const value = absent
      ? (variable.default ?? "")
      : variable.type === "multiline"
        ? text.replaceAll("\r\n", "\n")
        : text;
    if (value.trim() === "") {
      if (variable.generator) values.push([variable.name, generateValue(variable.generator, random)]);
      else if (variable.required) found.push(note(`${variable.name} is needed.`, { path, fix: hint(variable) }));
      continue;
    }
    const wrong = absent ? null : fault(variable, value);
    if (wrong) found.push(note(wrong.message, { path, fix: wrong.fix }));
    else values.push([variable.name, variable.type === "boolean" ? flag(value) : value]);
  }
  return found.length > 0 ? problems(...found) : ok(Object.fromEntries(values));
}

function unknown(variables: readonly Variable[], given: Record<string, unknown>): Note[] {
  const names = variables.map(({ name }) => name);
  const known = new Set(names);
  return Object.keys(given)
    .filter((name) => !known.has(name))
    .slice(0, 100)
    .map((name) => {
      const near = closestMatch(name, names);
      const plain = name.length > 100 ? `${name.slice(0, 100)}…` : name;
      const fix = near === undefined ? "Leave it out." : `Did you mean ${near}?`;
      return note(`The app asks for no variable called ${plain}.`, { path: `env.${plain}`, fix });
    });
}

/** undefined: it is nothing that could be a variable's value. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
    ? String(value)
    : undefined;
}

const flag = (value: string): string => (/^(true|on)$/i.test(value.trim()) ? "true" : "false");

const hint = ({ placeholder, description }: Variable): string =>
  placeholder !== null ? `It looks like ${placeholder}` : description.slice(0, 200);

function fault({ name, type, options }: Variable, value: string): { message: string; fix: string } | null {
  if (value.length > longest || utf8.encode(value).length > longest) {
    return { message: `${name} is too long.`, fix: "Give at most 32 kB." };
  }
  if (value.includes("\0") || !value.isWellFormed()) {
    return { message: `${name} holds a character that no variable can hold.`, fix: "Give plain text." };
  }
  if (options !== null && !options.includes(value)) {
    return { message: `${name} must be one of its options.`, fix: `Choose ${options.join(", ")}.` };
  }
  if (type === "boolean" && !/^(true|false|on|off)$/i.test(value.trim())) {
    return { message: `${name} must be true or false.`, fix: "Write `true` or `false`." };
  }
  if (type === "number" && !/^[+-]?\d+(\.\d+)?$/.test(value.trim())) {
    return { message: `${name} must be a number.`, fix: "Write digits only, such as `10`." };
  }
  if (type === "url" && !(/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value) && URL.canParse(value))) {
    return {
      message: `${name} must be an address.`,
      fix: "Write it with its beginning, such as `https://example.com`.",
    };
  }
  if (type === "email" && !/^([^<>]*<)?[^\s@<>]+@[^\s@<>]+>?$/.test(value.trim())) {
    return { message: `${name} must be an e-mail address.`, fix: "Write it like `name@example.com`." };
  }
  return null;
}
