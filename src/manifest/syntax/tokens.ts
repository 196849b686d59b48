/** A token of text that is meant to be JSON. */
export interface Token {
  kind: "mark" | "string" | "word" | "end";
  at: number;
  end: number;
  /** One of `{ } [ ] : ,`; empty for other tokens. */
  mark: string;
  /** Directly follows the previous token. */
  isAdjacent: boolean;
  /** First on its line. */
  first: boolean;
  /** Indentation of its line. */
  indent: number;
  /** A string without a closing quote; it ends with its line. */
  open: boolean;
}

/** Comments, and blanks that JSON does not allow (a no-break space, a BOM). */
export type Between = { kind: "comment"; at: number; end: number } | { kind: "blank"; at: number; end: number };

const marks = "{}[]:,";
const blank = /[\s\p{Cc}\ufeff]/u;

/**
 * Splits any text into tokens and comments (`//`, `#` and `/*`). A string may span several lines
 * if what follows its quote shows that it is the closing one.
 */
export function* tokens(text: string): Generator<Token | Between> {
  let at = 0;
  let isAdjacent = false;
  let lineStart = 0;
  let indent = -1;
  const token = (kind: Token["kind"], end: number, open = false): Token => ({
    kind,
    at,
    end,
    mark: kind === "mark" ? text.slice(at, end) : "",
    isAdjacent,
    first: indent === at - lineStart,
    indent,
    open,
  });
  while (at < text.length) {
    const char = text.charAt(at);
    if (blank.test(char)) {
      if (!" \t\r\n".includes(char)) yield { kind: "blank", at, end: at + 1 };
      at += 1;
      isAdjacent = false;
      if (char === "\n") {
        lineStart = at;
        indent = -1;
      }
      continue;
    }
    if (indent < 0) indent = at - lineStart;
    const comment = commentEnd(text, at);
    if (comment > at) {
      yield { kind: "comment", at, end: comment };
      at = comment;
      isAdjacent = false;
      continue;
    }
    let next: Token;
    if (marks.includes(char)) next = token("mark", at + 1);
    else if (char === '"' || char === "'") {
      const closed = stringEnd(text, at, char);
      next = token("string", closed ?? lineEnd(text, at), closed === null);
    } else next = token("word", wordEnd(text, at));
    yield next;
    at = next.end;
    isAdjacent = true;
  }
  yield token("end", at);
}

function commentEnd(text: string, at: number): number {
  if (text.charAt(at) === "#" || text.startsWith("//", at)) return lineEnd(text, at);
  if (!text.startsWith("/*", at)) return at;
  const end = text.indexOf("*/", at + 2);
  return end < 0 ? text.length : end + 2;
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charAt(end) !== "\n" && text.charAt(end) !== "\r") end += 1;
  return end;
}

/** Returns the offset after the closing quote; null if there is none. */
function stringEnd(text: string, start: number, quote: string): number | null {
  let lines = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "\\") at += 1;
    else if (char === "\n" && ++lines > 200) return null;
    else if (char === quote) return lines === 0 || /^\s*([,:}\]]|$)/.test(text.slice(at + 1, at + 200)) ? at + 1 : null;
  }
  return null;
}

function wordEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !blank.test(text.charAt(end)) && !marks.includes(text.charAt(end))) {
    if (text.charAt(end) === '"' || text.charAt(end) === "'") break;
    end += 1;
  }
  return end;
}
