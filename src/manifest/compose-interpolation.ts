/** What a compose file's value is, once `${NAME:-default}` and its kin are looked at. */
export interface Resolved {
  text: string;
  /** Names that have no default: only whoever starts it knows their values. */
  open: string[];
  /** The message of a `${NAME:?message}`. */
  message: string;
}

/** What is known without asking anyone. */
export type Values = ReadonlyMap<string, string>;

/** Reads the interpolation of compose: `$$`, `$NAME`, `${NAME}`, `:-`, `-`, `:?`, `?`, `:+`, `+`, nested. */
export function interpolate(value: string, values: Values, depth = 0): Resolved {
  const all: Resolved = { text: "", open: [], message: "" };
  let at = 0;
  while (at < value.length) {
    const dollar = value.indexOf("$", at);
    if (dollar < 0) break;
    all.text += value.slice(at, dollar);
    if (value[dollar + 1] === "$") {
      all.text += "$";
      at = dollar + 2;
      continue;
    }
    const braced = value[dollar + 1] === "{";
    const [plain, bare] = (!braced && /^\$([A-Za-z_]\w*)/.exec(value.slice(dollar, dollar + 300))) || [];
    const end = braced ? closing(value, dollar + 2) : -1;
    if (plain !== undefined && bare !== undefined) {
      const known = values.get(bare);
      if (known === undefined) all.open.push(bare);
      else all.text += known;
      at = dollar + plain.length;
    } else if (end > 0) {
      const inner = substitute(value.slice(dollar + 2, end), values, depth);
      all.text += inner.text;
      all.open.push(...inner.open);
      all.message ||= inner.message;
      at = end + 1;
    } else {
      all.text += "$";
      at = dollar + 1;
    }
  }
  all.text += value.slice(at);
  return all;
}

/** Where the `}` of a `${` is. */
function closing(value: string, from: number): number {
  let open = 1;
  const braces = /\$\{|\}/g;
  braces.lastIndex = from;
  for (let found = braces.exec(value); found; found = braces.exec(value)) {
    if (found[0] === "${") open += 1;
    else if (--open === 0) return found.index;
  }
  return -1;
}

function substitute(inner: string, values: Values, depth: number): Resolved {
  const nothing: Resolved = { text: "", open: [], message: "" };
  const [, name = "", operator = "", rest = ""] = /^([A-Za-z_]\w*)(:?[-?+])?([\s\S]*)$/.exec(inner) ?? [];
  if (name === "" || depth > 5) return nothing;
  const known = values.get(name);
  if (operator.endsWith("+")) return known === undefined ? nothing : interpolate(rest, values, depth + 1);
  if (known !== undefined) return { ...nothing, text: known };
  if (operator.endsWith("-")) return interpolate(rest, values, depth + 1);
  return { ...nothing, open: [name], message: operator.endsWith("?") ? rest.trim() : "" };
}
