import { z } from "zod";
import { closestMatch } from "../closest-match.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { type Entry, kindOf, type ObjectTree, type Tree } from "../syntax/tree.ts";
import { Cloud } from "./schema.ts";

/** Validates the `cloud` object strictly and reports problems at their positions. */
export function readCloud(tree: Tree, report: Diagnostics): Cloud | null {
  if (tree.kind !== "object") {
    report.problem(
      tree,
      `\`cloud\` is ${kindOf(tree)} where an object belongs.`,
      'Write `"cloud": { "services": { … } }`.',
    );
    return null;
  }
  const normalized = withCanonicalKeys(tree, report);
  const parsed = Cloud.safeParse(toJson(normalized));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) explain(issue, normalized, report);
  return null;
}

/** Renames synonyms such as `processes` and drops `x-` keys. */
function withCanonicalKeys(tree: ObjectTree, report: Diagnostics): ObjectTree {
  const synonyms: Record<string, string> = { processes: "services", process: "service" };
  const entries = new Map<string, Entry>();
  for (const [key, entry] of tree.entries) {
    if (key.startsWith("x-")) continue;
    const canonical = Object.hasOwn(synonyms, key) ? synonyms[key] : undefined;
    const name = canonical !== undefined && !tree.entries.has(canonical) && isWord(tree, key) ? canonical : key;
    if (name !== key) report.remark(entry.key, `\`${key}\` is called \`${name}\` here.`, `Write \`${name}\`.`);
    const { value } = entry;
    entries.set(name, { key: entry.key, value: value.kind === "object" ? withCanonicalKeys(value, report) : value });
  }
  return { ...tree, entries };
}

/** A service may be named `process`, so synonyms count only where keys of ours are expected. */
const isWord = (tree: ObjectTree, key: string): boolean =>
  key === "process" ? tree.entries.has("mount") : /^cloud$|providers\.[^.]+$/.test(tree.path);

function toJson(tree: Tree): unknown {
  if (tree.kind === "object")
    return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, toJson(value)]));
  if (tree.kind === "list") return tree.items.map(toJson);
  return tree.kind === "null" ? null : tree.value;
}

function find(tree: Tree, path: readonly PropertyKey[]): Tree {
  let current = tree;
  for (const step of path) {
    const next =
      current.kind === "object"
        ? current.entries.get(String(step))?.value
        : current.kind === "list"
          ? current.items[Number(step)]
          : undefined;
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

const typeNames: Record<string, string> = {
  string: "text",
  int: "a whole number",
  object: "an object",
  array: "a list",
  record: "an object",
  boolean: "true or false",
};

function explain(issue: z.core.$ZodIssue, root: ObjectTree, report: Diagnostics): void {
  const tree = find(root, issue.path);
  const subject = short(tree.path.replace(/^cloud\./, ""), 100);
  if (issue.code === "unrecognized_keys") {
    const options = keysAt(issue.path);
    for (const key of issue.keys) {
      const entry = tree.kind === "object" ? tree.entries.get(key) : undefined;
      const match = closestMatch(key, options);
      const fix = match
        ? `Did you mean \`${match}\`?`
        : `Known are ${options.map((name) => `\`${name}\``).join(", ")}.`;
      report.problem(entry?.key ?? tree, `\`${short(key)}\` is no key of \`${subject}\`.`, fix);
    }
    return;
  }
  const missing = issue.path.at(-1);
  if (
    (issue.code === "invalid_type" || issue.code === "invalid_union") &&
    tree.kind === "object" &&
    !tree.entries.has(String(missing)) &&
    tree.path.split(".").at(-1) !== missing
  ) {
    report.problem(tree, `\`${subject}\` has no \`${String(missing)}\`.`, `Write \`"${String(missing)}": …\`.`);
  } else if (issue.code === "invalid_type") {
    const expected = typeNames[issue.expected] ?? `a ${issue.expected}`;
    report.problem(tree, `\`${subject}\` is ${kindOf(tree)} where ${expected} belongs.`, `Write ${expected}.`);
  } else if (issue.code === "invalid_value" && issue.values.length > 1) {
    const options = issue.values.map(String);
    const match = tree.kind === "text" ? closestMatch(tree.value, options) : undefined;
    const written = tree.kind === "text" ? `\`${short(tree.value)}\`` : kindOf(tree);
    const fix = match
      ? `Did you mean \`${match}\`?`
      : `Write one of ${options.map((name) => `\`${name}\``).join(", ")}.`;
    report.problem(tree, `\`${subject}\` cannot be ${written}.`, fix);
  } else if (issue.code === "invalid_union" && objectIssues(issue, tree)) {
    for (const inner of objectIssues(issue, tree) ?? [])
      explain({ ...inner, path: [...issue.path, ...inner.path] }, root, report);
  } else report.problem(tree, `\`${subject}\` is not understood.`, sentence(issue.message));
}

/** Returns the issues of the object variant of a union if an object is written. */
const objectIssues = (issue: z.core.$ZodIssueInvalidUnion, tree: Tree): readonly z.core.$ZodIssue[] | undefined =>
  tree.kind === "object"
    ? issue.errors.find((issues) =>
        issues.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
      )
    : undefined;

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);

type Json = { properties?: Record<string, Json>; additionalProperties?: Json | boolean; anyOf?: Json[]; items?: Json };

/** Returns the keys that the published schema allows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let current: Json | undefined = z.toJSONSchema(Cloud) as Json;
  for (const step of path) {
    const next: Json | undefined =
      current?.properties?.[String(step)] ??
      (typeof current?.additionalProperties === "object" ? current.additionalProperties : current?.items);
    current = next?.anyOf?.find((option) => option.properties) ?? next;
  }
  return Object.keys(current?.properties ?? {});
}
