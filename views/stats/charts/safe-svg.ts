const safeElements = new Set([
  "svg",
  "g",
  "path",
  "rect",
  "circle",
  "polyline",
  "polygon",
  "line",
  "text",
  "tspan",
  "defs",
  "clipPath",
]);
const safeAttributeNames = new Set(
  "width height x y x1 y1 x2 y2 cx cy r d points fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin opacity transform viewBox id clip-path text-anchor dominant-baseline xml:space xmlns".split(
    " ",
  ),
);
const attribute = /\s+([\w:-]+)="([^"]*)"/g;
const token = /<!\[CDATA\[.*?\]\]>|<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|[^<]+|</gs;

/**
 * Returns only the shapes and text of an SVG: no styles, scripts, event handlers or links. Everything that is not on
 * the allow list is dropped. Null if the markup is not well formed.
 */
export function safeSvg(svg: string): string | null {
  const open: string[] = [];
  let output = "";
  let skipping: string | null = null;
  for (const [text, isClosing, name, attributeText = "", isSelfClosing] of svg.matchAll(token)) {
    if (text === "<") return null;
    if (name === undefined) {
      if (text.startsWith("<!") || skipping) continue;
      output += open.length > 0 ? escapeText(text) : "";
    } else if (skipping) {
      if (isClosing && name === skipping) skipping = null;
    } else if (isClosing) {
      if (open.pop() !== name) return null;
      output += `</${name}>`;
    } else if (!safeElements.has(name)) {
      if (!isSelfClosing) skipping = name;
    } else {
      const safeAttributes = [...attributeText.matchAll(attribute)].filter(([, key = "", value = ""]) =>
        isSafeAttribute(key, value),
      );
      output += `<${name}${safeAttributes.map(([, key, value = ""]) => ` ${key}="${escapeText(value)}"`).join("")}${isSelfClosing ? "/" : ""}>`;
      if (!isSelfClosing) open.push(name);
    }
  }
  return open.length === 0 && skipping === null && output.startsWith("<svg") ? output : null;
}

function isSafeAttribute(key: string, value: string): boolean {
  if (!safeAttributeNames.has(key) || /[<>\\]/.test(value)) return false;
  if (key === "xmlns") return value === "http://www.w3.org/2000/svg";
  return !/:|url|script/i.test(value) || /^url\(#[\w-]+\)$/.test(value);
}

/** Escapes a stray `&` and drops characters that XML does not allow. */
const escapeText = (text: string) =>
  text
    .replace(/&(?!(?:amp|lt|gt|quot|#39);)/g, "&amp;")
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
