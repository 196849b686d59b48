import type { Variable } from "../app.ts";
import { closestMatch } from "../manifest/closest-match.ts";
import { type Note, note, ok, problems, type Result } from "../result.ts";
import { generateValue } from "./generate-value.ts";

const maxBytes = 32 * 1024;
const utf8 = new TextEncoder();

/**
 * Validates `env` of a form or JSON body. Returns every variable with its value, or problems with the path `env.NAME`.
 * A missing answer takes the default or a generated value; an optional variable without a value is left out.
 */
export function validateAnswers(
  variables: readonly Variable[],
  answers: Record<string, unknown>,
  random: (bytes: number) => Uint8Array,
): Result<Record<string, string>> {
  const notes: Note[] = unknownNames(variables, answers);
  const values: [string, string][] = [];
  for (const variable of variables) {
    const path = `env.${variable.name}`;
    const answer = Object.hasOwn(answers, variable.name) ? answers[variable.name] : undefined;
    const text = textOf(answer);
    if (text === undefined) {
      notes.push(note(`${variable.name} must be text.`, { path, fix: "Give a text, a number, true or false." }));
      continue;
    }
    const absent = answer === undefined || answer === null;
    const value = absent ? (variable.default ?? "") : text.replaceAll("\r\n", "\n");
    if (value.trim() === "") {
      if (variable.generator) values.push([variable.name, generateValue(variable.generator, random)]);
      else if (variable.required) notes.push(note(`${variable.name} is needed.`, { path, fix: hint(variable) }));
      continue;
    }
    const violation = absent ? null : violationOf(variable, value);
    if (violation) notes.push(note(violation.message, { path, fix: violation.fix }));
    else values.push([variable.name, variable.type === "boolean" ? normalizeBoolean(value) : value]);
  }
  return notes.length > 0 ? problems(...notes) : ok(Object.fromEntries(values));
}

function unknownNames(variables: readonly Variable[], answers: Record<string, unknown>): Note[] {
  const names = variables.map(({ name }) => name);
  const knownNames = new Set(names);
  return Object.keys(answers)
    .filter((name) => !knownNames.has(name))
    .slice(0, 100)
    .map((name) => {
      const suggestion = closestMatch(name, names);
      const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
      const fix = suggestion === undefined ? "Leave it out." : `Did you mean ${suggestion}?`;
      return note(`The app asks for no variable called ${shown}.`, { path: `env.${shown}`, fix });
    });
}

/** Returns the answer as text; undefined if its type cannot be a variable's value. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
    ? String(value)
    : undefined;
}

const normalizeBoolean = (value: string): string => (/^(true|on)$/i.test(value.trim()) ? "true" : "false");

const hint = ({ placeholder, description }: Variable): string =>
  placeholder !== null ? `It looks like ${placeholder}` : description.slice(0, 200);

function violationOf({ name, type, options }: Variable, value: string): { message: string; fix: string } | null {
  if (value.length > maxBytes || utf8.encode(value).length > maxBytes) {
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
  if (type === "url" && !(/^[a-z][a-z0-9+.-]*:\S+$/i.test(value) && URL.canParse(value))) {
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
