import { createRequire } from "node:module";
import type { Node, ParseError } from "jsonc-parser";
import { applyEdits, type Diagnostics, inOrder, short } from "./diagnostics.ts";
import { maxDepth, maxTokens, repairJson } from "./repair-json.ts";
import { type Entry, itemPath, keyPath, type Tree } from "./tree.ts";

// jsonc-parser's ESM build omits file extensions, which Node cannot load.
const { parseTree } = createRequire(import.meta.url)("jsonc-parser") as typeof import("jsonc-parser");

/** Parses a JSON file, correcting syntax errors with a clear meaning; null if a problem was reported. */
export function parseJson(report: Diagnostics): Tree | null {
  if (!isValidJson(report.text) && !repairJson(report.text, report)) return null;
  const errors: ParseError[] = [];
  const origin = sourceOffsets(report);
  const root = parseTree(applyEdits(report.text, report.edits), errors, { disallowComments: true });
  const [error] = errors;
  if (root === undefined || error) {
    const at = origin(error?.offset ?? 0);
    report.problem({ at, end: at, path: "" }, "From here on this is not JSON.", "Mend what is before it.");
    return null;
  }
  return toTree(root, "", origin, report);
}

/** Returns whether the text is valid JSON, as nearly every file is. */
function isValidJson(text: string): boolean {
  let depth = 0;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = text.indexOf('"', at + 1);
      while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (at < 0) return false;
    } else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    else if (code === 0x2c) count += 1;
    if (depth > maxDepth || count > maxTokens) return false;
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Returns whether an odd number of backslashes precedes the character. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

/** Maps an offset in the corrected text to one in the file. */
function sourceOffsets(report: Diagnostics): (offset: number) => number {
  const marks = [{ mended: 0, file: 0 }];
  let shift = 0;
  for (const { at, remove, insert } of inOrder(report.edits)) {
    marks.push({ mended: at + shift, file: at });
    shift += insert.length - remove;
    marks.push({ mended: at + remove + shift, file: at + remove });
  }
  return (offset) => {
    let low = 0;
    let high = marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((marks[middle]?.mended ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const mark = marks[low] ?? { mended: 0, file: 0 };
    const next = marks[low + 1]?.file ?? Number.POSITIVE_INFINITY;
    return Math.min(mark.file + offset - mark.mended, next);
  };
}

function toTree(node: Node, path: string, origin: (offset: number) => number, report: Diagnostics): Tree {
  const place = { at: origin(node.offset), end: origin(node.offset + node.length), path };
  const children = node.children ?? [];
  switch (node.type) {
    case "object": {
      const entries = new Map<string, Entry>();
      for (const property of children) {
        const [name, value] = property.children ?? [];
        if (!name || !value) continue;
        const key = String(name.value);
        const keyPlace = { at: origin(name.offset), end: origin(name.offset + name.length), path: keyPath(path, key) };
        const earlier = entries.get(key);
        if (earlier) {
          const message = `\`${short(key)}\` is written twice; the last one counts.`;
          report.remark(earlier.key, message, "Remove one of them.");
          entries.delete(key);
        }
        entries.set(key, { key: keyPlace, value: toTree(value, keyPlace.path, origin, report) });
      }
      return { kind: "object", entries, ...place };
    }
    case "array": {
      const items = children.map((child, index) => toTree(child, itemPath(path, index), origin, report));
      return { kind: "list", items, ...place };
    }
    case "number":
      return { kind: "number", value: Number(node.value), raw: report.text.slice(place.at, place.end), ...place };
    case "boolean":
      return { kind: "boolean", value: node.value === true, ...place };
    case "null":
      return { kind: "null", ...place };
    default:
      return { kind: "text", value: String(node.value), ...place };
  }
}
