import { createRequire } from "node:module";
import type { Pair } from "yaml";
import { type Diagnostics, short } from "./diagnostics.ts";
import { type Entry, itemPath, keyPath, type Place, type Tree } from "./tree.ts";

// Seventy files that most repositories do not need: loaded with the first YAML, synchronously,
// because readers are not async.
const require = createRequire(import.meta.url);
let loaded: typeof import("yaml") | undefined;
const yaml = () => {
  loaded ??= require("yaml") as typeof import("yaml");
  return loaded;
};

const maxDepth = 50;
const maxNodes = 20_000;

/** Parses the first document of a YAML file and resolves anchors and merge keys; null if a problem was reported. */
export function parseYaml(report: Diagnostics): Tree | null {
  const { text } = report;
  const start = { at: 0, end: 0, path: "" };
  if (isTooLarge(text)) {
    report.problem(start, `${report.file} is far too much for a manifest.`, "Is it some other kind of file?");
    return null;
  }
  // The YAML 1.2 core schema: `yes` and `on` stay text, as compose and Kubernetes read them today.
  const documents = yaml().parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  const [document] = Array.isArray(documents) ? documents : [];
  if (document === undefined || document.contents === null) {
    report.problem(start, `${report.file} is empty.`, "Fill it, or remove it.");
    return null;
  }
  const [error] = document.errors;
  if (error) {
    const [at, end] = error.pos;
    const deep = error.code === "RESOURCE_EXHAUSTION";
    const message = deep ? "This is nested far too deep." : `This is not YAML: ${decapitalized(error.message)}.`;
    report.problem({ at, end, path: "" }, message, fixesByCode[error.code] ?? "Mend this line, or the one before it.");
    return null;
  }
  if (Array.isArray(documents) && documents.length > 1) {
    const at = documents[1]?.range[0] ?? 0;
    report.remark({ at, end: at, path: "" }, "Only the first document of this file is read.");
  }
  const context: TreeContext = { report, left: maxNodes, anchors: new Map(), open: new Set(), fault: null };
  const tree = toTree(document.contents, "", context, 0);
  if (tree !== undefined) return tree;
  if (context.fault) {
    report.problem(context.fault, context.fault.message, "Write it plainly.");
    return null;
  }
  report.problem(
    start,
    `The anchors of ${report.file} unfold to far more than a manifest would hold.`,
    "Write it plainly.",
  );
  return null;
}

const fixesByCode: Record<string, string> = {
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Indent it like its neighbours, and close every bracket.",
  MISSING_CHAR: "Close the quote or the bracket.",
  KEY_OVER_1024_CHARS: "Write a shorter key.",
};

const decapitalized = (message: string): string =>
  short(message.charAt(0).toLowerCase() + message.slice(1), 160).replace(/\.$/, "");

/** Returns whether the parser would need seconds for the text. */
function isTooLarge(text: string): boolean {
  if (text.length > 200_000) return true;
  const count = (mark: string) => text.split(mark).length - 1;
  if (["[", "{", ",", '"', "'", "#", "&", "*", "|"].some((mark) => count(mark) > 5_000) || count("\n") > 8_000)
    return true;
  return /(?:[-?:] ){100}/.test(text);
}

interface TreeContext {
  report: Diagnostics;
  /** Number of nodes that may still be converted. */
  left: number;
  anchors: Map<string, unknown>;
  /** Anchors that are being expanded, to detect recursion. */
  open: Set<unknown>;
  fault: (Place & { message: string }) | null;
}

/** Converts a node; undefined if the limit is exceeded or there is a fault. */
function toTree(node: unknown, path: string, context: TreeContext, depth: number): Tree | undefined {
  context.left -= 1;
  if (context.left < 0) return undefined;
  const { isAlias, isMap, isNode, isScalar, isSeq } = yaml();
  const fail = (message: string): undefined => {
    const [at = 0, end = at] = (isNode(node) ? node.range : null) ?? [];
    context.fault ??= { at, end, path, message };
    return undefined;
  };
  if (depth > maxDepth) return fail(`This is more than ${maxDepth} levels deep.`);
  if (isAlias(node)) {
    const target = context.anchors.get(node.source);
    if (target === undefined) return fail(`There is no anchor \`&${short(node.source)}\` before this.`);
    if (context.open.has(target)) return fail(`The anchor \`&${short(node.source)}\` holds itself.`);
    context.open.add(target);
    const tree = toTree(target, path, context, depth + 1);
    context.open.delete(target);
    return tree;
  }
  if (isNode(node) && node.anchor) context.anchors.set(node.anchor, node);
  const [at = 0, end = at] = (isNode(node) ? node.range : null) ?? [];
  const place = { at, end, path };
  if (isMap(node)) {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const pair of node.items) {
      const key = keyOf(pair);
      const [from = at, to = from] = (isScalar(pair.key) ? pair.key.range : null) ?? [];
      const keyPlace = { at: from, end: to, path: keyPath(path, key) };
      const value = toTree(pair.value, key === "<<" ? path : keyPlace.path, context, depth + 1);
      if (value === undefined) return undefined;
      if (key === "<<") merged.push(...(value.kind === "list" ? value.items : [value]));
      else {
        const earlier = entries.get(key);
        if (earlier)
          context.report.remark(earlier.key, `\`${short(key)}\` is written twice; the last one counts.`, "Remove one.");
        entries.delete(key);
        entries.set(key, { key: keyPlace, value });
      }
    }
    for (const tree of merged) {
      if (tree.kind !== "object") continue;
      for (const [key, entry] of tree.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: "object", entries, ...place };
  }
  if (isSeq(node)) {
    const items: Tree[] = [];
    for (const [index, item] of node.items.entries()) {
      const tree = toTree(item, itemPath(path, index), context, depth + 1);
      if (tree === undefined) return undefined;
      items.push(tree);
    }
    return { kind: "list", items, ...place };
  }
  if (!isScalar(node) || node.value === null || node.value === undefined) return { kind: "null", ...place };
  const { value } = node;
  if (typeof value === "number" || typeof value === "bigint") {
    return { kind: "number", value: Number(value), raw: node.source ?? String(value), ...place };
  }
  if (typeof value === "boolean") return { kind: "boolean", value, ...place };
  return { kind: "text", value: typeof value === "string" ? value : (node.source ?? ""), ...place };
}

const keyOf = ({ key }: Pair): string => (yaml().isScalar(key) ? String(key.source ?? key.value ?? "") : "");
