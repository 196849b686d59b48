import { type Diagnostics, type Edit, short } from "./diagnostics.ts";
import { type Token, tokens } from "./tokens.ts";

interface OpenBracket {
  token: Token;
  expects: "key" | "colon" | "value" | "comma";
  /** The comma before the expected token. */
  comma: Token | null;
  /** Number of names without a value: `{"a", "b"}` is a list written in braces. */
  bare: number;
  pairs: number;
}

/** Limits of a plausible manifest. */
export const maxDepth = 50;
export const maxTokens = 100_000;
/** A raw control character, an invalid escape, or a valid one. */
const badEscapes = /[\p{Cc}--[\u007f-\u009f]]|\\(?!["\\\/bfnrt]|u[0-9a-fA-F]{4})|\\./gv;
const pythonLiterals: Record<string, string> = {
  True: "true",
  False: "false",
  None: "null",
  undefined: "null",
  NaN: "null",
};

/**
 * Finds the syntax errors of a text. If the meaning is clear, reports a fault with its correction;
 * otherwise reports a problem and stops. Returns whether the corrected text should be JSON.
 */
export function repairJson(text: string, report: Diagnostics): boolean {
  const stack: OpenBracket[] = [];
  const place = (at: number, end = at + 1) => ({ at, end, path: "" });
  const problem = (at: number, message: string, fix: string, edit?: Edit): false => {
    report.problem(place(at), message, fix, edit);
    return false;
  };
  const remark = (at: number, message: string, fix: string, ...edits: Edit[]) => {
    report.fault(place(at), message, fix, ...edits);
  };
  let previous: Token | null = null;
  let suspect: Token | null = null;
  let isComplete = false;
  let count = 0;

  for (const token of tokens(text)) {
    if (token.kind === "blank") {
      if (token.at === 0) report.edits.push(cut(token));
      else report.fault(place(token.at), "This is no blank that JSON knows.", "Write a space.", cut(token));
      continue;
    }
    if (token.kind === "comment") {
      const fix = "Remove it: JSON has no comments.";
      remark(token.at, "A comment is not JSON, and is passed over.", fix, cut(token));
      continue;
    }
    const top = stack.at(-1);
    if (isComplete) {
      if (token.kind === "end") return true;
      const trailing = text.slice(token.at).trim();
      const fix = "Remove it, or move it inside the braces.";
      if (/["'{]/.test(trailing)) return problem(token.at, "The document ends before this, but more follows.", fix);
      const edit = { at: token.at, remove: text.length - token.at, insert: "" };
      remark(token.at, `The text after the end is passed over: \`${short(trailing)}\`.`, "Remove it.", edit);
      return true;
    }
    if (token.kind === "end") {
      if (!top) return problem(0, "The file is empty.", "Write an app.json, or remove the file.");
      return unclosed(text, suspect ?? top.token, stack, problem);
    }
    if (++count > maxTokens)
      return problem(token.at, "This is far too much for a manifest.", "Is it some other kind of file?");

    const value = token.kind !== "mark" || token.mark === "{" || token.mark === "[";
    if (value) {
      if (top?.expects === "comma" && previous) {
        const loose = token.kind === "word" && !/^(true|false|null|-?\d)/.test(text.slice(token.at, token.end));
        if (previous.kind === "string" && token.isAdjacent && (loose || text.charAt(token.at) !== '"')) {
          const fix = 'Write `\\"` for a quote inside a text.';
          return problem(previous.end - 1, "The text ends at this quote, but goes on behind it.", fix);
        }
        const edit = { at: previous.end, remove: 0, insert: "," };
        remark(previous.end, "A comma is missing here.", "Write `,` after the value.", edit);
        top.expects = top.token.mark === "{" ? "key" : "value";
      }
      if (!top && token.mark === "") return problem(token.at, "A manifest is an object.", "Begin with `{`.");
      if (token.open) return problem(token.at, "This text is never closed.", 'Write `"` at its end.');
      if (top?.expects === "colon") {
        if (top.pairs > 0)
          return problem(previous?.end ?? token.at, "A colon is missing here.", 'Write `"name": value`.');
        if (previous)
          remark(previous.end, "A comma is missing here.", "Write `,` after it.", insert(previous.end, ","));
        top.bare += 1;
        top.expects = "key";
      }
      if (token.kind === "string") repairString(text, token, report);
      if (token.kind === "word" && !repairWord(text, token, top?.expects === "key", report)) return false;
      if (top?.expects === "key") {
        if (token.kind === "mark") return problem(token.at, "A name in quotes belongs here.", 'Write `"name": value`.');
        top.expects = "colon";
        top.comma = null;
      } else {
        if (top) top.comma = null;
        if (token.kind === "mark") {
          if (stack.length >= maxDepth) {
            return problem(token.at, `This is more than ${maxDepth} levels deep.`, "Is it some other kind of file?");
          }
          if (top) top.expects = "comma";
          const expects = token.mark === "{" ? "key" : "value";
          stack.push({ token, expects, comma: null, bare: 0, pairs: 0 });
        } else if (top) top.expects = "comma";
        else isComplete = true;
      }
    } else if (!top) {
      return problem(token.at, `\`${token.mark}\` cannot begin a document.`, "Begin with `{`.");
    } else if (token.mark === ":") {
      if (top.expects !== "colon")
        return problem(token.at, "This colon has no name before it.", 'Write `"name": value`.');
      top.expects = "value";
      top.pairs += 1;
    } else if (token.mark === ",") {
      if (top.expects === "comma" || (top.expects === "colon" && top.pairs === 0)) {
        if (top.expects === "colon") top.bare += 1;
        top.comma = token;
        top.expects = top.token.mark === "{" ? "key" : "value";
      } else if (top.expects === "colon" || (top.expects === "value" && top.token.mark === "{")) {
        return problem(token.at, "A value is missing before this comma.", 'Write `"name": value`.');
      } else remark(token.at, "There is a comma too many here.", "Remove it.", cut(token));
    } else {
      if (top.expects === "colon" && top.pairs === 0) top.bare += 1;
      else if (top.expects === "colon" || (top.expects === "value" && top.token.mark === "{")) {
        return problem(token.at, "A value is missing before this.", 'Write `"name": value`.');
      }
      const closes = top.token.mark === "{" ? "}" : "]";
      if (token.mark !== closes) {
        const fix = `Write \`${closes}\` before it, or instead of it.`;
        return problem(token.at, `\`${token.mark}\` does not close the \`${top.token.mark}\` that is open here.`, fix);
      }
      if (top.comma) {
        remark(top.comma.at, "There is a comma after the last value.", "Remove it.", cut(top.comma));
      }
      if (top.bare > 0) {
        if (top.pairs > 0)
          return problem(top.token.at, "Some names in this object have no value.", 'Write `"name": value`.');
        const fix = "Write `[` and `]`.";
        remark(
          top.token.at,
          "This is a list written in braces.",
          fix,
          replaceToken(top.token, "["),
          replaceToken(token, "]"),
        );
      }
      if (token.first && token.indent < top.token.indent) suspect ??= top.token;
      stack.pop();
      if (stack.length === 0) isComplete = true;
    }
    previous = token;
  }
  return isComplete;
}

const insert = (at: number, text: string): Edit => ({ at, remove: 0, insert: text });
const cut = (token: { at: number; end: number }): Edit => ({ at: token.at, remove: token.end - token.at, insert: "" });
const replaceToken = (token: Token, text: string): Edit => ({ ...cut(token), insert: text });

/** Corrects unescaped characters, invalid escapes and single quotes. */
function repairString(text: string, token: Token, report: Diagnostics): void {
  const raw = text.slice(token.at, token.end);
  const addFault = (at: number, message: string, fix: string) =>
    report.fault({ at: token.at + at, end: token.at + at + 1, path: "" }, message, fix);
  const inside = raw.slice(1, -1);
  const isSingleQuoted = raw.startsWith("'");
  let first = true;
  const repaired = inside.replace(badEscapes, (match, at: number) => {
    if (match.startsWith("\\") && match.length === 2 && /^\\["\\/bfnrtu]$/.test(match)) return match;
    if (isSingleQuoted && match === "\\" && inside.charAt(at + 1) === "'") return "";
    if (first) {
      first = false;
      if (match.startsWith("\\")) addFault(at + 1, "This backslash begins no escape that JSON knows.", "Write `\\\\`.");
      else addFault(at + 1, "A line break or control character stands in a text as it is.", "Write `\\n`, `\\t`, ….");
    }
    return match.startsWith("\\") ? `\\\\${match.slice(1)}` : JSON.stringify(match).slice(1, -1);
  });
  if (isSingleQuoted) addFault(0, "JSON has double quotes only.", 'Write `"`.');
  const quoted = `"${isSingleQuoted ? repaired.replace(/(?<!\\)"/g, '\\"') : repaired}"`;
  if (quoted !== raw) report.edits.push(replaceToken(token, quoted));
}

/** Corrects a word without quotes. true, false, null and numbers are values. */
function repairWord(text: string, token: Token, key: boolean, report: Diagnostics): boolean {
  const word = text.slice(token.at, token.end);
  const place = { at: token.at, end: token.end, path: "" };
  if (!key && /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(word)) return true;
  const literal = key ? undefined : pythonLiterals[word];
  if (literal !== undefined && Object.hasOwn(pythonLiterals, word)) {
    report.fault(
      place,
      `JSON writes \`${word}\` as \`${literal}\`.`,
      `Write \`${literal}\`.`,
      replaceToken(token, literal),
    );
    return true;
  }
  if (/^[\w.+-]+$/.test(word)) {
    report.fault(
      place,
      `\`${short(word)}\` has no quotes.`,
      `Write \`"${short(word)}"\`.`,
      replaceToken(token, `"${word}"`),
    );
    return true;
  }
  report.problem(place, `\`${short(word)}\` is not JSON.`, "Write texts in double quotes.");
  return false;
}

/** Reports an unclosed bracket. Indentation shows which one was left open. */
function unclosed(
  text: string,
  opener: Token,
  stack: OpenBracket[],
  problem: (at: number, message: string, fix: string, edit?: Edit) => false,
): false {
  const lines = text.slice(0, opener.at).split("\n");
  const message = `The \`${opener.mark}\` of line ${lines.length} is never closed.`;
  const closer = opener.mark === "{" ? "}" : "]";
  const dedent = dedentedLine(text, opener.end, opener.indent);
  if (stack.length === 1 && dedent !== null) {
    const at = dedent;
    const text = `\n${" ".repeat(opener.indent)}${closer}`;
    return problem(at, message, `Write \`${closer}\` here.`, insert(at, text));
  }
  const closers = stack.map(({ token }) => (token.mark === "{" ? "}" : "]")).toReversed();
  const at = text.trimEnd().length;
  return problem(at, message, `Write \`${closers.join("")}\` at the end.`, insert(at, closers.join("")));
}

/** Returns where the line before the first one ends that is indented no further; null if there is none. */
function dedentedLine(text: string, from: number, indent: number): number | null {
  for (let at = text.indexOf("\n", from); at >= 0; at = text.indexOf("\n", at + 1)) {
    let start = at + 1;
    while (start - at - 1 < indent && text.charAt(start) === " ") start += 1;
    if (start >= text.length || /[\s}\]]/.test(text.charAt(start))) continue;
    let end = at;
    while (end > from && " \t\r".includes(text.charAt(end - 1))) end -= 1;
    return end > from && text.charAt(end - 1) === "," ? end - 1 : end;
  }
  return null;
}
