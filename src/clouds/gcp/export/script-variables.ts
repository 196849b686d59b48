import type { Generator, Variable } from "../../../app.ts";
import { hasDeferredDefault } from "../compile/variables.ts";
import { comment, quoted, type ShellVariables } from "./shell.ts";

/** Declares a variable with its default. */
export function declareVariable(variable: Variable, { answer }: ShellVariables): string[] {
  const { name, description, default: fallback, required, generator } = variable;
  const hint = generator
    ? "made up when empty"
    : required && fallback === null
      ? "asked for when empty"
      : "may be empty";
  const value = fallback === null || hasDeferredDefault(variable) ? "" : fallback;
  return [`# ${comment(`${name} (${hint}): ${description}`)}`, `${answer(name)}=${quoted(value)}`];
}

/** Prompts for a variable that is required, or generates its value. */
export function promptForVariable(
  { name, secret, required, default: fallback, generator }: Variable,
  { answer }: ShellVariables,
): string[] {
  const shellName = answer(name);
  if (generator) return [`[ -n "$${shellName}" ] || ${shellName}=${generateCommand(generator)}`];
  if (!required || fallback !== null) return [];
  return [`ask ${shellName} ${quoted(comment(name))}${secret ? " secret" : ""}`];
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function generateCommand({ kind, length, alphabet }: Generator): string {
  if (kind === "uuid") return "$(cat /proc/sys/kernel/random/uuid)";
  if (kind === "hex") return `$(pick ${length} 0123456789abcdef)`;
  if (kind === "base64") return `$(openssl rand -base64 ${length} | tr -d '\\n' | cut -c 1-${length})`;
  return `$(pick ${length} ${quoted(alphabet || letters)})`;
}
