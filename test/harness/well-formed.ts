const empty = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const addresses = new Set(["href", "src", "action", "formaction", "xlink:href"]);
const rawText = new Set(["script", "style"]);

const doctype = /<!doctype html>/iy;
const comment = /<!--(?:(?!--)[\s\S])*-->/y;
const closing = /<\/([a-zA-Z][\w:-]*)>/y;
const opening = /<([a-zA-Z][\w:-]*)((?:\s+[\w:@.-]+(?:="[^"]*")?)*)\s*(\/?)>/y;
const attribute = /([\w:@.-]+)(?:="([^"]*)")?/g;
const text = /[^<]+/y;

const strayAmpersand = /&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#[0-9]+|#x[0-9a-fA-F]+);)/;
const strayAmpersandInXml = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/;
const invalidCharacter =
  /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|&#(?:[0-8]|1[124-9]|2\d|3[01]|x0?[0-8bcef]|x1[0-9a-f]|x[dD][89a-fA-F]..|x[fF]{3}[eEfF]);/u;

/**
 * Returns the first error in our markup, or null: unbalanced tags, unquoted or duplicate attributes, stray `<` and `&`,
 * duplicate ids, and everything our content policy blocks (`on...` attributes, `javascript:` URLs). Stricter than a
 * browser on purpose, so that nothing hostile passes by luck.
 */
export function findMarkupError(markup: string, kind: "html" | "svg"): string | null {
  const open: string[] = [];
  const ids = new Set<string>();
  const ampersand = kind === "svg" ? strayAmpersandInXml : strayAmpersand;
  let at = 0;
  let roots = 0;

  const consume = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(markup);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const wrong = (what: string) => `${what} at ${at}: ${JSON.stringify(markup.slice(at, at + 80))}`;

  const bad = invalidCharacter.exec(markup);
  if (bad) return `a character that may not be there at ${bad.index}: ${JSON.stringify(bad[0])}`;

  while (at < markup.length) {
    if (consume(comment)) continue;
    if (kind === "html" && at === 0 && consume(doctype)) continue;

    const end = consume(closing);
    if (end) {
      const expected = open.pop();
      if (expected !== end[1])
        return wrong(`</${end[1]}> where ${expected ? `</${expected}>` : "nothing"} is open, before`);
      continue;
    }

    const start = consume(opening);
    if (start) {
      const [, name = "", attributes = "", slash] = start;
      if (kind === "svg" && open.length === 0 && ++roots > 1) return wrong("a second root before");
      const seen = new Set<string>();
      for (const [, key = "", value] of attributes.matchAll(attribute)) {
        if (seen.has(key)) return wrong(`<${name}> has ${key} twice, before`);
        seen.add(key);
        if (/^on/i.test(key)) return wrong(`<${name}> has the handler ${key}, before`);
        if (value === undefined) {
          if (kind === "svg") return wrong(`<${name}> has ${key} without a value, before`);
          continue;
        }
        if (/</.test(value) || ampersand.test(value)) return wrong(`${key} of <${name}> is not encoded, before`);
        if (addresses.has(key) && /^\s*javascript:/i.test(value))
          return wrong(`${key} of <${name}> is a script, before`);
        if (key === "id" && ids.has(value)) return wrong(`the id ${value} is there twice, before`);
        if (key === "id") ids.add(value);
      }
      if (slash || (kind === "html" && empty.has(name))) continue;
      if (kind === "html" && rawText.has(name)) {
        const stop = markup.indexOf(`</${name}>`, at);
        if (stop < 0) return wrong(`<${name}> is never closed, before`);
        at = stop;
      }
      open.push(name);
      continue;
    }

    const words = consume(text);
    if (!words) return wrong("no tag");
    if (ampersand.test(words[0])) return `a stray & in ${JSON.stringify(words[0].slice(0, 80))}`;
    if (kind === "svg" && open.length === 0 && words[0].trim()) return wrong("text outside of the root before");
  }
  if (open.length > 0) return `never closed: ${open.join(", ")}`;
  if (kind === "svg" && roots !== 1) return "no root";
  return null;
}
