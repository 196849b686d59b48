import { inside, type VariableSource } from "../../components.ts";
import { interpolate, type Values } from "../../compose-interpolation.ts";
import { examples, type Line, readDotenv } from "../../dotenv.ts";
import type { Files } from "../../format.ts";
import { splitPair } from "../../shell.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, scalar, type Tree } from "../../syntax/tree.ts";
import { bindAddress } from "./service-address.ts";

/** Scope in which values of one service are resolved. */
export interface Environment {
  /** Resource names by the host name of the database container they replace. */
  hosts: Map<string, string>;
  /** Services that are left out. */
  omitted: Set<string>;
  services: Map<string, string>;
  values: Values;
  files: Files;
  report: Diagnostics;
}

/** Reads `environment` (an object or a list) over the `env_file`s of the repository. */
export function envOf(service: Tree, scope: Environment): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>(fromFiles(get(service, "env_file"), scope));
  const environment = get(service, "environment");
  for (const [name, { value }] of entriesOf(environment)) {
    env.set(name, sourceOf(name, value.kind === "null" ? undefined : (scalar(value) ?? ""), scope));
  }
  for (const item of itemsOf(environment)) {
    const [name, value] = splitPair(scalar(item) ?? "") ?? [];
    if (name !== undefined) env.set(name, sourceOf(name, value, scope));
  }
  return env;
}

function fromFiles(tree: Tree | undefined, scope: Environment): [string, VariableSource][] {
  const items = tree?.kind === "list" ? tree.items : tree ? [tree] : [];
  const declared: [string, VariableSource][] = [];
  const missing: string[] = [];
  for (const item of items) {
    const raw = interpolate(scalar(item) ?? scalar(get(item, "path")) ?? "", scope.values).text;
    const path = inside(raw);
    const file = [path, ...(path === ".env" ? examples : [])].find((name) => scope.files.text.get(name));
    if (file === undefined) missing.push(raw);
    else
      for (const [name, line] of readDotenv(scope.files.text.get(file) ?? ""))
        declared.push([name, fromLine(name, line, scope)]);
  }
  if (tree && missing.length > 0) {
    const list = `${missing
      .slice(0, 3)
      .map((path) => `\`${short(path)}\``)
      .join(", ")}${missing.length > 3 ? ", …" : ""}`;
    scope.report.remark(
      tree,
      `The variables of ${list} are not known here.`,
      "List them in `environment`, or in an app.json.",
    );
  }
  return declared;
}

/** Values of an example file are defaults; empty ones are optional. */
function fromLine(name: string, { value, description }: Line, scope: Environment): VariableSource {
  const declared = sourceOf(name, value, scope);
  return declared.kind === "ask"
    ? { kind: "ask", declaration: { description, ...declared.declaration, required: value !== "" } }
    : declared;
}

/** A name without a value is passed through, so it is optional. */
function sourceOf(name: string, raw: string | undefined, scope: Environment): VariableSource {
  if (raw === undefined) return { kind: "ask", declaration: { required: false } };
  const { text, open: unresolved, message } = interpolate(raw, scope.values);
  const bound = unresolved.length === 0 ? bindAddress(text, scope.hosts, scope.services, name) : null;
  if (bound) return bound;
  if (unresolved.length > 0) {
    const shown = text === "" ? "" : `In the compose file: ${short(raw, 200)}`;
    // Only `:?` requires a value; Compose starts with an empty one otherwise.
    const required = message !== "";
    return { kind: "ask", declaration: { required, description: required ? short(message, 300) : shown } };
  }
  if (scope.omitted.has(text.replace(/^[a-z]+:\/\//, "").replace(/[:/].*$/, "")))
    return { kind: "ask", declaration: { required: false } };
  return { kind: "ask", declaration: { value: text, required: text !== "" } };
}
