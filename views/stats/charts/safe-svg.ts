const elements = new Set([
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
const attributes = new Set(
  "width height x y x1 y1 x2 y2 cx cy r d points fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin opacity transform viewBox id clip-path text-anchor dominant-baseline xml:space xmlns".split(
    " ",
  ),
);
const attribute = /\s+([\w:-]+)="([^"]*)"/g;
const token = /<!\[CDATA\[.*?\]\]>|<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|[^<]+|</gs;

/**
 * The drawing alone: shapes and words, no styles, scripts, handlers or links, whatever was drawn. Everything that is
 * not known to be harmless is left out; null for what cannot be read as such a drawing.
 */
export function safeSvg(svg: string): string | null {
  const open: string[] = [];
  let kept = "";
  let skipping: string | null = null;
  for (const [text, slash, name, given = "", empty] of svg.matchAll(token)) {
    if (text === "<") return null;
    if (name === undefined) {
      if (text.startsWith("<!") || skipping) continue;
      kept += open.length > 0 ? harmless(text) : "";
    } else if (skipping) {
      if (slash && name === skipping) skipping = null;
    } else if (slash) {
      if (open.pop() !== name) return null;
      kept += `</${name}>`;
    } else if (!elements.has(name)) {
      if (!empty) skipping = name;
    } else {
      const own = [...given.matchAll(attribute)].filter(([, key = "", value = ""]) => isHarmless(key, value));
      kept += `<${name}${own.map(([, key, value = ""]) => ` ${key}="${harmless(value)}"`).join("")}${empty ? "/" : ""}>`;
      if (!empty) open.push(name);
    }
  }
  return open.length === 0 && skipping === null && kept.startsWith("<svg") ? kept : null;
}

function isHarmless(key: string, value: string): boolean {
  if (!attributes.has(key) || /[<>\\]/.test(value)) return false;
  if (key === "xmlns") return value === "http://www.w3.org/2000/svg";
  return !/:|url|script/i.test(value) || /^url\(#[\w-]+\)$/.test(value);
}

/** Every `&` begins one of the five entities, and every character may stand in XML. */
const harmless = (text: string) =>
  text
    .replace(/&(?!(?:amp|lt|gt|quot|#39);)/g, "&amp;")
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
