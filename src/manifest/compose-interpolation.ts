/** A value after interpolation of `${NAME:-default}` and the like. */
export interface Resolved {
  text: string;
  /** Unset names without a default. */
  open: string[];
  /** The message of a `${NAME:?message}`. */
  message: string;
}

/** Known values by name. */
export type Values = ReadonlyMap<string, string>;

/** Interpolates as Compose does: `$$`, `$NAME`, `${NAME}`, `:-`, `-`, `:?`, `?`, `:+`, `+`, nested. */
export function interpolate(value: string, values: Values, depth = 0): Resolved {
  const result: Resolved = { text: "", open: [], message: "" };
  const closing = closingBraces(value);
  let at = 0;
  while (at < value.length) {
    const dollar = value.indexOf("$", at);
    if (dollar < 0) break;
    result.text += value.slice(at, dollar);
    if (value[dollar + 1] === "$") {
      result.text += "$";
      at = dollar + 2;
      continue;
    }
    const braced = value[dollar + 1] === "{";
    const [matched, name] = (!braced && /^\$([A-Za-z_]\w*)/.exec(value.slice(dollar, dollar + 300))) || [];
    const end = braced ? (closing.get(dollar) ?? -1) : -1;
    if (matched !== undefined && name !== undefined) {
      const known = values.get(name);
      if (known === undefined) result.open.push(name);
      else result.text += known;
      at = dollar + matched.length;
    } else if (end > 0) {
      const inner = substitute(value.slice(dollar + 2, end), values, depth);
      result.text += inner.text;
      result.open.push(...inner.open);
      result.message ||= inner.message;
      at = end + 1;
    } else {
      result.text += "$";
      at = dollar + 1;
    }
  }
  result.text += value.slice(at);
  return result;
}

/** Returns the offset of the matching `}` for the offset of each `${` that has one. */
function closingBraces(value: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < value.length; at += 1) {
    if (value.startsWith("${", at)) open.push(at++);
    else if (value.charAt(at) === "}") {
      const start = open.pop();
      if (start !== undefined) closing.set(start, at);
    }
  }
  return closing;
}

function substitute(inner: string, values: Values, depth: number): Resolved {
  const empty: Resolved = { text: "", open: [], message: "" };
  const [, name = "", operator = "", operand = ""] = /^([A-Za-z_]\w*)(:?[-?+])?([\s\S]*)$/.exec(inner) ?? [];
  if (name === "" || depth > 5) return empty;
  const known = values.get(name);
  if (operator.endsWith("+")) return known === undefined ? empty : interpolate(operand, values, depth + 1);
  if (known !== undefined) return { ...empty, text: known };
  if (operator.endsWith("-")) return interpolate(operand, values, depth + 1);
  return { ...empty, open: [name], message: operator.endsWith("?") ? operand.trim() : "" };
}
