const voidElements = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const urlAttributes = new Set(["href", "src", "action", "formaction", "xlink:href"]);
const rawText = new Set(["script", "style"]);

const doctype = /<!doctype html>/iy;
const comment = /<!--(?:(?!--)[\s\S])*-->/y;
const closing = /<\/([a-zA-Z][\w:-]*)>/y;
const opening = /<([a-zA-Z][\w:-]*)((?:\s+[\w:@.-]+(?:="[^"]*")?)*)\s*(\/?)>/y;
const attribute = /([\w:@.-]+)(?:="([^"]*)")?/g;
const text = /[^<]+/y;

const strayAmpersand = /&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#[0-9]+|#x[0-9a-fA-F]+);)/;
const onlyXml = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/;
const notACharacter =
  /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|&#(?:[0-8]|1[124-9]|2\d|3[01]|x0?[0-8bcef]|x1[0-9a-f]|x[dD][89a-fA-F]..|x[fF]{3}[eEfF]);/u;

/**
 * The first thing that is wrong with markup of ours, or null: tags that do not pair up, attributes without double
 * quotes or given twice, stray `<` and `&`, ids that are not unique, and what our content policy would refuse anyway
 * (`on...` attributes, `javascript:` addresses). Stricter than a browser on purpose, so that nothing hostile gets past
 * by luck.
 */
export function malformed(markup: string, kind: "html" | "svg"): string | null {
  const openElements: string[] = [];
  const ids = new Set<string>();
  const ampersand = kind === "svg" ? onlyXml : strayAmpersand;
  let position = 0;
  let rootCount = 0;

  const accept = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(markup);
    if (match) position = pattern.lastIndex;
    return match;
  };
  const errorAt = (what: string) => `${what} at ${position}: ${JSON.stringify(markup.slice(position, position + 80))}`;

  const invalid = notACharacter.exec(markup);
  if (invalid) return `a character that may not be there at ${invalid.index}: ${JSON.stringify(invalid[0])}`;

  while (position < markup.length) {
    if (accept(comment)) continue;
    if (kind === "html" && position === 0 && accept(doctype)) continue;

    const end = accept(closing);
    if (end) {
      const expected = openElements.pop();
      if (expected !== end[1])
        return errorAt(`</${end[1]}> where ${expected ? `</${expected}>` : "nothing"} is open, before`);
      continue;
    }

    const start = accept(opening);
    if (start) {
      const [, name = "", attributes = "", slash] = start;
      if (kind === "svg" && openElements.length === 0 && ++rootCount > 1) return errorAt("a second root before");
      const attributeNames = new Set<string>();
      for (const [, key = "", value] of attributes.matchAll(attribute)) {
        if (attributeNames.has(key)) return errorAt(`<${name}> has ${key} twice, before`);
        attributeNames.add(key);
        if (/^on/i.test(key)) return errorAt(`<${name}> has the handler ${key}, before`);
        if (value === undefined) {
          if (kind === "svg") return errorAt(`<${name}> has ${key} without a value, before`);
          continue;
        }
        if (/</.test(value) || ampersand.test(value)) return errorAt(`${key} of <${name}> is not encoded, before`);
        if (urlAttributes.has(key) && /^\s*javascript:/i.test(value))
          return errorAt(`${key} of <${name}> is a script, before`);
        if (key === "id" && ids.has(value)) return errorAt(`the id ${value} is there twice, before`);
        if (key === "id") ids.add(value);
      }
      if (slash || (kind === "html" && voidElements.has(name))) continue;
      if (kind === "html" && rawText.has(name)) {
        const endIndex = markup.indexOf(`</${name}>`, position);
        if (endIndex < 0) return errorAt(`<${name}> is never closed, before`);
        position = endIndex;
      }
      openElements.push(name);
      continue;
    }

    const textMatch = accept(text);
    if (!textMatch) return errorAt("no tag");
    if (ampersand.test(textMatch[0])) return `a stray & in ${JSON.stringify(textMatch[0].slice(0, 80))}`;
    if (kind === "svg" && openElements.length === 0 && textMatch[0].trim())
      return errorAt("text outside of the root before");
  }
  if (openElements.length > 0) return `never closed: ${openElements.join(", ")}`;
  if (kind === "svg" && rootCount !== 1) return "no root";
  return null;
}
