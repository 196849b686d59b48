import type { Generator, Variable } from "../../../app.ts";
import { hasDeferredDefault } from "../compile/variables.ts";
import { comment, quoted, type ShellVariables } from "./shell.ts";

/** Values that need no asking. */
export function declareVariable(variable: Variable, { answer }: ShellVariables): string[] {
  const { name, description, default: fallback, required, generator } = variable;
  const how = generator
    ? "made up when empty"
    : required && fallback === null
      ? "asked for when empty"
      : "may be empty";
  const value = fallback === null || hasDeferredDefault(variable) ? "" : fallback;
  return [`# ${comment(`${name} (${how}): ${description}`)}`, `${answer(name)}=${quoted(value)}`];
}

/** Values that are asked for or made up. */
export function promptForVariable(
  { name, secret, required, default: fallback, generator }: Variable,
  { answer }: ShellVariables,
): string[] {
  const own = answer(name);
  if (generator) return [`[ -n "$${own}" ] || ${own}=${generated(generator)}`];
  if (!required || fallback !== null) return [];
  return [`ask ${own} ${quoted(comment(name))}${secret ? " secret" : ""}`];
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function generated({ kind, length, alphabet }: Generator): string {
  if (kind === "uuid") return "$(cat /proc/sys/kernel/random/uuid)";
  if (kind === "hex") return `$(pick ${length} 0123456789abcdef)`;
  if (kind === "base64") return `$(openssl rand -base64 ${length} | tr -d '\\n' | cut -c 1-${length})`;
  return `$(pick ${length} ${quoted(alphabet || letters)})`;
}
