import type { Service } from "../app.ts";

/** Quotes arguments as one shell line that splits into the same arguments again. */
export const shellLine = (args: readonly string[]): string =>
  args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");

/** Splits `NAME=value`; the value of a bare `NAME` is undefined, and an empty name is no pair. */
export function splitPair(pair: string): [name: string, value: string | undefined] | null {
  const equals = pair.indexOf("=");
  const name = (equals < 0 ? pair : pair.slice(0, equals)).trim();
  return name === "" ? null : [name, equals < 0 ? undefined : pair.slice(equals + 1)];
}

/** Returns the path of the first loopback URL in a command such as `curl -f http://localhost:3000/up`. */
export function healthPath(command: string): string | undefined {
  const [, path] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"'|;)]*)?(\/[^\s"'|;)\]]*)?/.exec(command) ?? [];
  return path === undefined || path.includes("$") ? undefined : path;
}

/** Returns what a service or job runs as one line for people; null if the image decides. */
export function commandText({ entrypoint, command }: Pick<Service, "entrypoint" | "command">): string | null {
  const parts = [entrypoint ? shellLine(entrypoint) : "", typeof command === "string" ? command : ""];
  if (Array.isArray(command)) parts.push(shellLine(command));
  return parts.filter(Boolean).join(" ") || null;
}

/** Splits a line into arguments as a POSIX shell would, without expanding anything. An open quote ends with the line. */
export function splitArgs(line: string): string[] {
  const args: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"' && '"\\$`'.includes(line.charAt(at + 1))) word += line.charAt(++at);
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== null) args.push(word);
      word = null;
    } else word = (word ?? "") + (char === "\\" ? line.charAt(++at) : char);
  }
  return word === null ? args : [...args, word];
}

/** Returns whether only a shell can run a line: it contains an operator or a variable outside single quotes. */
export function needsShell(line: string): boolean {
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === "\\" && quote !== "'") at += 1;
    else if (char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (quote !== "'" && (char === "$" || char === "`")) return true;
    else if (quote === "" && "&|;<>()\n".includes(char)) return true;
  }
  return false;
}

/** A line that a platform runs without a shell as arguments, unless only a shell can run it. */
export const argsOrLine = (line: string): string | string[] => (needsShell(line) ? line : splitArgs(line));
