import { parse, TomlError } from "smol-toml";
import type { Diagnostics } from "./diagnostics.ts";
import { type Entry, itemPath, keyPath, type Place, type Tree } from "./tree.ts";

/** Parses a TOML file; null if a problem was reported. */
export function parseToml(report: Diagnostics): Tree | null {
  const { text } = report;
  const start = { at: 0, end: 0, path: "" };
  if (isTooLarge(text)) {
    report.problem(start, `${report.file} is far too much for a manifest.`, "Is it some other kind of file?");
    return null;
  }
  let document: unknown;
  try {
    document = parse(text, { integersAsBigInt: "asNeeded", maxDepth: 50 });
  } catch (error) {
    const at = error instanceof TomlError ? offsetOf(text, error.line, error.column) : 0;
    const [reason = ""] =
      error instanceof TomlError ? error.message.replace(/^Invalid TOML document: /, "").split("\n") : [];
    const message = reason === "" ? "This is not TOML." : `This is not TOML: ${reason.slice(0, 150)}.`;
    report.problem({ at, end: at, path: "" }, message, "Mend this line, or the one before it.");
    return null;
  }
  return toTree(document, start, placesIn(text), 0);
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let left = line - 1; left > 0; left -= 1) {
    const next = text.indexOf("\n", at);
    if (next < 0) break;
    at = next + 1;
  }
  return Math.min(text.length, at + Math.max(0, column - 1));
}

/** Returns whether the parser would need seconds, or recurse too deeply: nested brackets, dotted keys, long numbers. */
function isTooLarge(text: string): boolean {
  if (text.length > 200_000) return true;
  let brackets = 0;
  let dots = 0;
  let digits = 0;
  for (const char of text) {
    if (char === "[" || char === "{") brackets += 1;
    else if (char.trim() !== "") brackets = 0;
    if (char === ".") dots += 1;
    else if (!/\w/.test(char)) dots = 0;
    digits = /[\d_]/.test(char) ? digits + 1 : 0;
    if (brackets >= 60 || dots >= 60 || digits >= 1000) return true;
  }
  return false;
}

/** Locates keys and tables by line, because the parser keeps no positions. */
function placesIn(text: string): Map<string, Place> {
  const places = new Map<string, Place>();
  const counts = new Map<string, number>();
  let table = "";
  for (const { index, 0: line } of text.matchAll(/[^\r\n]+/g)) {
    const content = line.trimStart();
    const at = index + line.length - content.length;
    const where = { at, end: index + line.length };
    const equals = content.indexOf("=");
    const bracket = content.startsWith("[") ? content.indexOf("]") : -1;
    if (bracket > 0) {
      const isList = content.startsWith("[[");
      table = indexed(pathOf(content.slice(isList ? 2 : 1, bracket)), isList, where, counts, places);
      if (!places.has(table)) places.set(table, { ...where, path: table });
    } else if (equals > 0) {
      const path = keyPath(table, pathOf(content.slice(0, equals)));
      if (!places.has(path)) places.set(path, { ...where, path });
    }
  }
  return places;
}

const pathOf = (name: string): string =>
  name
    .split(".")
    .map((part) => part.trim().replace(/^["']|["']$/g, ""))
    .join(".");

/** `services.ports` inside the second `[[services]]` is `services[1].ports`. */
function indexed(
  path: string,
  list: boolean,
  where: { at: number; end: number },
  counts: Map<string, number>,
  places: Map<string, Place>,
): string {
  let indexedPath = "";
  const parts = path.split(".");
  for (const [depth, part] of parts.entries()) {
    indexedPath = keyPath(indexedPath, part);
    const last = depth === parts.length - 1;
    if (last && list) counts.set(indexedPath, (counts.get(indexedPath) ?? -1) + 1);
    if (last && list && !places.has(indexedPath)) places.set(indexedPath, { ...where, path: indexedPath });
    const count = counts.get(indexedPath);
    if (count !== undefined) indexedPath = itemPath(indexedPath, count);
  }
  return indexedPath;
}

function toTree(value: unknown, parent: Place, places: ReadonlyMap<string, Place>, depth: number): Tree {
  const place = places.get(parent.path) ?? parent;
  const location = { at: place.at, end: place.end, path: parent.path };
  if (depth > 50 || value === null || value === undefined) return { kind: "null", ...location };
  if (typeof value === "string") return { kind: "text", value, ...location };
  if (typeof value === "boolean") return { kind: "boolean", value, ...location };
  if (typeof value === "number" || typeof value === "bigint") {
    return { kind: "number", value: Number(value), raw: String(value), ...location };
  }
  if (value instanceof Date) return { kind: "text", value: String(value), ...location };
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      toTree(item, { ...location, path: itemPath(parent.path, index) }, places, depth + 1),
    );
    return { kind: "list", items, ...location };
  }
  const entries = new Map<string, Entry>();
  for (const [key, inner] of Object.entries(value)) {
    const path = keyPath(parent.path, key);
    const tree = toTree(inner, { ...location, path }, places, depth + 1);
    entries.set(key, { key: places.get(path) ?? { ...location, path }, value: tree });
  }
  return { kind: "object", entries, ...location };
}
