/** A line of a file such as `.env.example`. */
export interface Line {
  value: string;
  /** The comment above it. */
  description: string;
}

/** Parses a dotenv file: variables with the comments above them. */
export function readDotenv(text: string): Map<string, Line> {
  const lines = new Map<string, Line>();
  let comment: string[] = [];
  for (const raw of text.split(/\r\n|\r|\n/).slice(0, 2000)) {
    const line = raw.trim();
    const [, name, rawValue = ""] = /^(?:export\s+)?([A-Za-z_][\w.-]{0,254})\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      lines.set(name, { value: unquoted(rawValue), description: comment.join(" ").slice(0, 500) });
      comment = [];
    } else if (/^#+\s*\w/.test(line)) comment = [...comment.slice(-3), line.replace(/^#+\s*/, "")];
    else comment = [];
  }
  return lines;
}

function unquoted(raw: string): string {
  const [, quote, inner] = /^(["'`])(.*?)\1\s*(?:#.*)?$/.exec(raw) ?? [];
  if (inner === undefined) return raw.replace(/(^|\s)#.*$/, "").trim();
  return quote === '"' ? inner.replaceAll("\\n", "\n").replaceAll('\\"', '"') : inner;
}

/** File names of `.env` and its examples, by precedence. */
export const examples: readonly string[] = [
  ".env",
  ".env.example",
  ".env.sample",
  ".env.template",
  ".env.dist",
  ".env.production.example",
  "env.example",
  "example.env",
  "sample.env",
];
